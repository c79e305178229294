"""The forms in which features leave a release: a file a form, each a writer of selections, some of whole layers too.

    published texts ─ records ─ write ─ bytes, piece by piece
    table ─ columns ─ save ─ features/<layer>.fgb, features/<layer>.parquet

A writer holds one chunk at a time, whatever the size of the answer. FlatGeobuf alone has to be whole before its first
byte is known, because its index comes first; it waits on disk.
"""
