"""How the committed tables of the demo were derived; not needed to run it."""
