"""The shared cartography: one MapLibre style, its glyphs and sprites, checked against the data."""
