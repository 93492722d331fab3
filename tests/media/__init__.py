"""Files with something hidden in every place that can hide it, and what looks for it."""
