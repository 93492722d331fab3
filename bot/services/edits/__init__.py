"""What officers change in answers and facts: following it, trying it, keeping it."""
