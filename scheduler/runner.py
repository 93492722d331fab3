"""Where APScheduler turns times into calls."""
