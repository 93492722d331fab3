"""Sealing, receipts, reply routes, passwords and the cleaning of pictures."""
