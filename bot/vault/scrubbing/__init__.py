"""A program of its own that makes clean files: one file in, clean ones out, and it ends.

Decoders are where hostile files bite, so this runs apart, with little memory and time and with
every door shut (`bot.vault.cleaning` starts it as `python -m bot.vault.scrubbing`). What comes
out is made of the points that are seen: no place, no device, no thumbnail, no text and nothing
behind the end can come along. Imports nothing of the house.
"""
