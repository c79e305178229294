"""Publishing: as a whole, with nothing changed, and with a few features changed in place."""
