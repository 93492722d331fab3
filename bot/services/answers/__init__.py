"""Understanding questions, and finding their answers."""
