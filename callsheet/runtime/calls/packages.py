"""Which packages the providers of plug-ins were installed with when something was bought from them.

It is kept beside the ledger: when a package is gone, its requests can still be named with it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from callsheet.nodes import providers as registered
from callsheet.runtime.store import atomic as disk

FILE: Final = "packages.json"
VERSION: Final = 1
LARGEST: Final = 1 << 20


def record(state: Path, providers: Iterable[str]) -> None:
    """Note the packages of these providers, durably, before anything is bought from them.

    Raises StoreError.
    """
    known = _read(state)
    found = {name: package for name in providers if (package := registered.package_of(name))}
    if {**known, **found} != known:
        content = json.dumps({"version": VERSION, "providers": {**known, **found}}, indent=2, sort_keys=True)
        disk.replace(state / FILE, [content.encode()])


def bought_with(state: Path, provider: str) -> str:
    """`aqua-callsheet 0.3.0`, the package that the provider was of; "" where nobody knows."""
    return _read(state).get(provider, "")


def _read(state: Path) -> Mapping[str, str]:
    """What the file says; nothing for one that cannot be read: it only helps people."""
    path = state / FILE
    try:
        content = json.loads(path.read_text("utf-8")) if path.stat().st_size <= LARGEST else {}
        named = content["providers"]
        return {str(name): str(package) for name, package in named.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}
