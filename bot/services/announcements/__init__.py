"""Announcements: what officers write to many, from the draft to its last copy."""
