"""How fast a copy is made and kept up to date: a whole harvest into each target, and one of 1,000 changes."""
