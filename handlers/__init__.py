"""What residents can do, the same on every channel."""
