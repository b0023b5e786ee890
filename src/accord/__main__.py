"""`python -m accord` is the same as `accord`."""

from accord.cli.main import main

main()
