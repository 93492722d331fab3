"""Accounts on platforms: connected, kept sealed, opened, and known to work or not."""
