"""How long it takes to prove something: digests when publishing, copies of every form, a release in its place."""
