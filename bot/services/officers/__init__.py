"""Officers: who they are, and what they are told."""
