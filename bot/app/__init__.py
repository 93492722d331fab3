"""The composition root: the one place where objects meet.

`program` joins services over storage and vault, `opening` turns stored accounts into channels,
`serving` runs them behind the `doors`, `answering` joins the residents' dialogues, `locking`
keeps two processes off one data directory, `demo` makes the invented neighbourhood of the
first start.
"""
