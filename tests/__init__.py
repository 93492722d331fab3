"""Proof that the program keeps its promises."""
