"""What differs between two releases: features added, changed and removed, a layer at a time, in the order of ids.

    leaves of both ─ pairing ─ keys of what differs ─ texts of a page ─ changes

A release holds the digest of each feature (`releases.proof`), so what is equal is known without reading a feature,
and a new order of rows, which changes no digest, is no change. Only the features of a page are read.
"""
