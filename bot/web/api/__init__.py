"""The JSON API for other software, below /api/v1. `docs/api.md` tells how it is used."""
