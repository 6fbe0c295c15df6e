"""Builds the spec of a node from a function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from callsheet.nodes.plugins.call import call
from callsheet.nodes.plugins.signature import read_signature
from callsheet.spec.media import Facts
from callsheet.spec.node import NodeSpec, Parameters


def node_spec(uses: str, function: Callable[..., Any], version: str, root: Path, source: str) -> NodeSpec:
    """The spec of a node that `function` makes.

    version: part of the keys of its results. root: the folder or file of the plug-in.
    Raises PlugInError.
    """
    signature = read_signature(uses, function)
    return NodeSpec(
        uses=uses,
        provider="local",
        task="plug-in",
        inputs=signature.inputs,
        outputs=signature.outputs,
        facts=_nothing,
        summary=signature.summary,
        source=source,
        version=version,
        perform=partial(call, signature, root),
    )


def _nothing(_: Parameters) -> Mapping[str, Facts]:
    return {}
