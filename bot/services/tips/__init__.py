"""Tips, in two halves that share no way from one to the other.

`receiving` knows conversations and holds routes; it takes in, and opens a dialogue by receipt.
`reading` knows tips and holds officers' keys; it never learns where an answer goes. What both
need (how a record is sealed, who may read) is in `records` and `talk`.
"""
