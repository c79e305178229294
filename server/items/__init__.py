"""Features over HTTP: a page of them and one of them (OGC 17-069r4, 7.14 to 7.16).

    query string ─ asked ─ Asked(query, ...) ─ store.page ─ text ─ form ─ bytes, piece by piece

The text of a feature was written when the release was made; in the form that it has there it is only joined.
"""
