"""The outbox on its way out: claim, pace, send, record."""
