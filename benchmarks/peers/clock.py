"""What the small programs here share: the graph, and CPU seconds for each node of it."""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import dag

NODES = dag.dag(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)
LAST = NODES[-1][0]


def cpu() -> float:
    """CPU seconds of this process and its children so far."""
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


@contextmanager
def measured() -> Iterator[None]:
    """Prints the CPU microseconds for each node that what is inside took."""
    before = cpu()
    yield
    print(json.dumps({"nodes": len(NODES), "microseconds": (cpu() - before) / len(NODES) * 1e6}))
