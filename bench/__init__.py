"""Measurements side by side: our server and its peers on the same data, machine and run. `make bench` runs them all."""
