"""What callsheet itself costs for each instance it makes, beside other tools on the same graph.

    python benchmarks/overhead.py [--nodes 1000 10000] [--peers DIR] [--runs 3]

Goal: 120 µs of CPU for each of 10,000 trivial local instances, the durable cache included; the least of
`--runs` counts. What a program imports is not counted, ours or another's. Each tool runs its program in
benchmarks/peers with the Python of an environment under DIR that has it installed (`DIR/doit`,
`DIR/hamilton`, …); those that are not there are left out, those that take longer than five minutes at 1,000
nodes are not asked for 10,000.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

PEERS = Path(__file__).parent / "peers"
PACKAGES = {"dask": "dask", "dbos": "dbos", "doit": "doit", "hamilton": "hamilton", "luigi": "luigi",
            "prefect": "prefect", "dagster": "dagster"}  # fmt: skip
GOAL = 120
"""µs for each instance."""
LONGEST = 300.0
"""Seconds after which a tool is given up."""


def python_with(package: str, peers: Path | None) -> str | None:
    """A Python that can import `package`: of an environment under `peers`, or this one."""
    pythons = [str(p) for p in sorted(peers.glob("*/bin/python"))] if peers else []
    found = "import importlib.util, sys; sys.exit(importlib.util.find_spec(sys.argv[1]) is None)"
    return next(
        (p for p in (*pythons, sys.executable) if not subprocess.run([p, "-c", found, package]).returncode),
        None,
    )


def microseconds(python: str, tool: str, nodes: int) -> float | None:
    """CPU for each node; None when it took too long, or broke."""
    command = [python, str(PEERS / f"{tool}_.py"), str(nodes)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST, check=True)
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        return None
    return float(json.loads(done.stdout.splitlines()[-1])["microseconds"])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--nodes", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    tools = {name: python for name, p in PACKAGES.items() if (python := python_with(p, options.peers))}
    for nodes in options.nodes:
        every = [microseconds(sys.executable, "callsheet", nodes) for _ in range(options.runs)]
        ours = min(each for each in every if each is not None)
        print(f"\n{nodes:,} trivial instances: {ours:.0f} µs CPU each (goal {GOAL}: {ours / GOAL:.2f} × it)")
        for tool, python in list(tools.items()):
            theirs = microseconds(python, tool, nodes)
            if theirs is None:
                del tools[tool]
            shown = "given up" if theirs is None else f"{theirs / ours:6.2f} × ours"
            print(f"  {tool:<10} {shown}", flush=True)


if __name__ == "__main__":
    main()
