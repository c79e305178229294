"""`python -m server.cli` is `blueprint`."""

from server.cli.program import main

if __name__ == "__main__":
    main()
