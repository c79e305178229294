"""Changes between two releases over HTTP: how long the first page takes, from a server that has just started, and the rest."""
