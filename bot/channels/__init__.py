"""The platforms a resident can write from, each behind the same port."""
