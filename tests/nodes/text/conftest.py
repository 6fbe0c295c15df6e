"""Text nodes performed as a run performs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from callsheet.nodes.local import perform
from callsheet.nodes.media.operations.index import OPERATIONS
from callsheet.spec.media import Artifact
from callsheet.spec.node import Job

Run = Callable[..., Mapping[str, object]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """run("text/split", text=…) → outputs; a `Path` is given as a file."""

    def run(uses: str, **params: object) -> Mapping[str, object]:
        given = {n: Artifact("file", v) if isinstance(v, Path) else v for n, v in params.items()}
        return perform(Job("node", OPERATIONS[uses].SPEC, given, tmp_path))

    return run
