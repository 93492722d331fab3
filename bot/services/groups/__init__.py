"""Groups on platforms: linked to a unit, asked about, spoken to."""
