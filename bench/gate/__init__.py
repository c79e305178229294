"""The gate measured: what it finds of what was planted, what it finds besides, and how long a million polygons take."""
