"""The command line, tried through its door."""
