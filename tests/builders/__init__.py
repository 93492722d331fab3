"""What tests are set in: a small town with real SQLite, a cheap vault, channels in memory."""
