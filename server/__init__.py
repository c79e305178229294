"""HTTP and nothing else: routes, links, pages and the command line."""
