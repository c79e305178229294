"""The gate's report on a candidate, for programs, for people and for the map."""
