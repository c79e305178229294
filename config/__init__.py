"""What an operator edits: the service, its layers and code lists, read once into frozen values."""
