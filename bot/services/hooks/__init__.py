"""Addresses of other software that are told what happened."""
