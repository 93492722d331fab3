"""How Telegram speaks: updates in, Bot API calls out."""
