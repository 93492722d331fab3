"""The tree of units, and the lists it is read from."""
