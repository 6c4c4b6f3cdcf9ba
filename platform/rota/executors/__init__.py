"""How one attempt is carried out. Knows no store and no schedule."""
