"""Tiles of a release in one file, MBTiles or PMTiles: for servers without a program, for phones, for a desk."""
