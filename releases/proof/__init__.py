"""Proof: digests of features, the trees over them, and the signature on a manifest.

Whoever holds a feature can compute its digest, and whoever holds a signed manifest can tell whether it is the
published one. The recipe is in docs/proof.md; nothing here depends on our own formats.
"""
