"""Every word the bot says, as checked files, and the code that reads them.

Holds no rules of the program: what is said when is decided in `handlers` and `bot.services`.
"""
