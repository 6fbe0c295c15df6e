"""Check a change in seconds: style, types, import rules, generated pages, and the quickest tests.

python scripts/check.py             # before each commit
python scripts/check.py --fix       # format, repair and write generated pages first
python scripts/check.py --lint      # all but tests: also lints the workflows and builds the site
python scripts/check.py --all       # that, and every test

The steps run side by side; what a step prints is shown only when it fails. Needs `pip install -e '.[dev]'`,
and `'.[dev,docs]'` for `--lint` and `--all`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parents[1]
QUICK_TESTS: Final = ("tests/spec", "tests/dsl/expression", "tests/test_docs.py")
DOCUMENT: Final = (sys.executable, "scripts/document.py")


class Step(NamedTuple):
    """A program that must end with 0."""

    name: str
    command: Sequence[str]


FIXES: Final = (
    Step("repair style", ("ruff", "check", "--fix", "--quiet", ".")),
    Step("format", ("ruff", "format", "--quiet", ".")),
    Step("write generated pages", DOCUMENT),
)
STYLE: Final = (
    Step("style", ("ruff", "check", ".")),
    Step("format", ("ruff", "format", "--check", ".")),
    Step("import rules", ("lint-imports",)),
    Step("types", ("mypy",)),
    Step("generated pages", (*DOCUMENT, "--check")),
)
QUICK: Final = (Step("quick tests", (sys.executable, "-m", "pytest", *QUICK_TESTS)),)
USERS: Final = (Step("types as users see them", (sys.executable, "-m", "pytest", "tests/typing")),)
EXAMPLE: Final = "examples/github/callsheet-plan.yml"
FLOWS: Final = (".github/workflows/ci.yml", ".github/workflows/release.yml", EXAMPLE)
WORKFLOWS: Final = (
    Step("shape of workflows", ("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *FLOWS)),
    Step("security of workflows", ("zizmor", "--offline", "--quiet", ".github", EXAMPLE)),
)
SITE: Final = (
    Step(
        "site",
        (sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q", "-c", "docs", ".", "build/site"),
    ),
)
TESTS: Final = (Step("tests", (sys.executable, "-m", "pytest", "-n", "auto", "--dist", "worksteal")),)


def run(step: Step) -> tuple[bool, float, str]:
    """Whether the step passed, the seconds it took, and what it printed."""
    program, *arguments = step.command
    beside = Path(sys.executable).parent
    found = shutil.which(program, path=f"{beside}{os.pathsep}{os.environ.get('PATH', '')}")
    if found is None:
        return False, 0.0, f"{program} is not installed: pip install -e '.[dev,docs]'\n"
    start = time.monotonic()
    done = subprocess.run(
        [found, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8"
    )
    return done.returncode == 0, time.monotonic() - start, done.stdout


def passed(steps: Sequence[Step], at_once: int) -> bool:
    """Run the steps, tell of each as it ends; whether all passed."""
    with ThreadPoolExecutor(at_once) as pool:
        running = {pool.submit(run, step): step for step in steps}
        results = []
        for future in as_completed(running):
            good, seconds, printed = future.result()
            print(f"{'ok    ' if good else 'FAILED'} {running[future].name} ({seconds:.1f} s)", flush=True)
            if not good:
                print(printed)
            results.append(good)
    return all(results)


def main(arguments: Sequence[str]) -> int:
    if set(arguments) - {"--fix", "--lint", "--all"}:
        print(__doc__)
        return 2
    cores = os.cpu_count() or 1
    if "--fix" in arguments and not passed(FIXES, at_once=1):
        return 1
    if not {"--lint", "--all"} & set(arguments):
        return 0 if passed((*STYLE, *QUICK), cores) else 1
    good = passed((*STYLE, *USERS, *WORKFLOWS, *SITE), cores)
    return 0 if good and ("--all" not in arguments or passed(TESTS, at_once=1)) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
