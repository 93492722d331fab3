"""Let python -m bot start the command line."""
