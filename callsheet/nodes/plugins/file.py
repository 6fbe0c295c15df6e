"""A code file beside a pipeline as a node. Reading it is running it: the caller has been told to trust it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from callsheet.errors import PlugInError
from callsheet.nodes.plugins import load
from callsheet.nodes.plugins.node import node_spec
from callsheet.spec.node import NodeSpec

LARGEST: Final = 1024 * 1024


def find_in_file(uses: str, path: Path, function: str) -> NodeSpec:
    """The node that `function` of the file at `path` is; its content is its version. Raises PlugInError."""
    what = f"`{uses.partition('#')[0]}`"
    try:
        source = path.read_bytes()
    except OSError as error:
        raise PlugInError(f"{what} cannot be read: {error.strerror}") from error
    if len(source) > LARGEST:
        raise PlugInError(f"{what} is larger than 1 MiB", "make a package of it")
    module = load.executed(what, path, source)
    digest = hashlib.sha256(source).hexdigest()
    return node_spec(uses, load.function_in(module, function, what), digest[:12], path, "beside the pipeline")
