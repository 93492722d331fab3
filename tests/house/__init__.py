"""The rules of the house: what every file and tool here keeps to."""
