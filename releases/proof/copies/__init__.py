"""Copies of layers that somebody holds: files of any of the forms that we give out, read back to what was published.

A form may not hold a value as it was published: GeoPackage has arrays as text, FlatGeobuf dates, GeoParquet has days as
days. The layer's fields in the manifest say what each value is, so that digests come out the same from all of them.
"""
