"""The officers' pages: closed to everybody who is not signed in."""
