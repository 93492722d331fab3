"""What residents and platforms bring: taken in, handled in order, answered."""
