"""Conversations handed over: residents' side (asking, bringing) and officers' side (desk)."""
