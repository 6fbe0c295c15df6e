"""What `check` of a plain file loads: a start is slow by what it imports."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FILM = Path(__file__).parents[2] / "examples" / "lighthouse" / "film.yaml"
HEAVY = (
    "asyncio", "av", "callsheet.runtime.events", "callsheet.runtime.ledger", "difflib", "email", "httpx",
    "networkx", "numpy", "PIL", "pydantic", "rich", "socket", "sqlite3",
)  # fmt: skip
CHECK = f"""
import sys
from callsheet.cli.main import main
try:
    main(["check", {str(FILM)!r}])
except SystemExit:
    print([name for name in {HEAVY!r} if name in sys.modules])
"""


def test_check_loads_nothing_that_it_does_not_need() -> None:
    done = subprocess.run([sys.executable, "-c", CHECK], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
