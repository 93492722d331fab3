"""Nouns, their lawful moves, ports and errors; knows the standard library only."""
