"""Use cases, one module per subject; they know rules and ports, no library."""
