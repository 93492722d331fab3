"""Use cases, a folder for each subject; they know rules and ports, no library."""
