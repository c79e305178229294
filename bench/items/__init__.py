"""Items measured side by side: our server and the servers on PostGIS, asked for the same features of the same rows."""
