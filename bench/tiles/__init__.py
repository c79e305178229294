"""Tiles measured side by side: our encoder and server, PostGIS and the servers on it, tippecanoe, and HTTP's own limit."""
