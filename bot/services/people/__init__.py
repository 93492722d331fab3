"""Residents who joined: what is known of them, and how it is forgotten."""
