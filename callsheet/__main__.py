"""`python -m callsheet`: the command line."""

from callsheet.cli.main import main

main()
