"""Tips: taken, sealed, read with a key, moved on."""
