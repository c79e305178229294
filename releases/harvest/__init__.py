"""Harvest: a copy of what another server publishes, kept equal to one of its releases.

    service (HTTP) ─ manifest ─ trust ─ plan ─┬─ keep
                                              ├─ change: the layer's changes ─ target ─┐
                                              ├─ whole: pages ─ spool ─ target ────────┤─ roots as signed? ─ commit
                                              └─ drop ─────────────────────────────────┘

A target (a GeoPackage, a folder of GeoParquet, a PostGIS schema) is changed in one step that is either seen as a whole or
not at all, and only when each layer's root is the one that the manifest names. What was fetched and not yet used lies in
a spool beside the target, so that a harvest that was killed goes on where it was.

Memory is bounded: pages of about 8 MB, a few of them under way, the layer's digests (32 bytes a feature) and the tree over them,
and the boxes of an R-tree (24 bytes a feature): 350 MB a process, and 150 bytes a feature of the largest layer.
"""
