"""The channel that needs no account: the chat page of this installation."""
