"""The side of officers: listed, opened with a key, moved on, answered."""
