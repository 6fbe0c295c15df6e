"""`python -m callsheet`: the command line."""

import sys
from pathlib import Path

if sys.path[0] in ("", str(Path.cwd())):
    # There Python looks first. It may be a clone of somebody else's, whose yaml.py nobody meant to run.
    del sys.path[0]

from callsheet.cli.main import main

main()
