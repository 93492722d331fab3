"""How Telegram speaks: updates in, Bot API calls out.

`bot.channels.telegram.adapter` is imported only where an account exists: the client library
behind it costs 13 MB that a program without Telegram need not pay.
"""
