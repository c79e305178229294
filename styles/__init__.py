"""The shared cartography: one MapLibre style, its glyphs and sprites, checked against the data.

blueprint.json  the style's source        style.py   source -> the style of a client      names.py   names of areas
palette.yml     its colours               check.py   style against data                   legend.py  its legend
icons/ patterns/  its drawings            sprites.py drawings -> sheet                    glyphs.py  font -> glyphs
"""
