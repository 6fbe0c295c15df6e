"""From a `Provenance` to the text in a file: JSON, short enough for every container, without secrets.

    {"callsheet": 1, "version": …, "pipeline": …, "address": …, "uses": …, "with": {…}, "before": {…}}

A long `with` or `before` is packed: deflate, in base64. If the whole is still too long, what came before
is left out, then the parameters, and `cut` says so. In parameters, an object whose names begin with `$`
is a reference; a name of the user's that begins so gets a second `$`.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable, Mapping
from typing import Final

from callsheet.nodes.media.tags import LONGEST
from callsheet.nodes.redact import hide_credentials, hide_secrets
from callsheet.runtime.output.provenance.record import FORMAT, FromFile, FromInstance, Making, Provenance
from callsheet.spec.values import SecretName

PLAIN: Final = 8_000
"""Characters of JSON up to which a part stays readable for every tool that shows comments."""

LARGEST_PART: Final = 4 << 20
"""Bytes of JSON in a packed part."""


def text(provenance: Provenance, secrets: Iterable[str] = ()) -> str:
    """The text to put into a file: at most LONGEST bytes of UTF-8, without `secrets` in any form.

    Raises ValueError when the names alone are longer than that.
    """
    cleaner = Cleaner(secrets)
    chain = {address: _making(making) for address, making in provenance.before.items()}
    whole = {"with": provenance.making.parameters, "before": chain or None}
    parts = {name: cleaner.part(value) for name, value in whole.items() if value is not None}
    for left_out in ((), ("before",), ("before", "with")):
        kept = {name: part for name, part in parts.items() if part is not None and name not in left_out}
        cut = provenance.cut or len(kept) < len(parts)
        written = cleaner.json({**_head(provenance, cut, cleaner), **kept})
        if len(written.encode()) <= LONGEST:
            return written
    raise ValueError("a name is longer than a note may be")


def as_json(provenance: Provenance) -> dict[str, object]:
    """The same as JSON values, nothing packed."""
    cleaner = Cleaner(())
    chain = {address: _making(making) for address, making in provenance.before.items()}
    parts = {"with": provenance.making.parameters, "before": chain}
    head = _head(provenance, provenance.cut, cleaner)
    return {**head, **{name: cleaner.tree(part) for name, part in parts.items() if part is not None}}


class Cleaner:
    """Removes secrets from values. changed: whether it found any."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self.changed = False
        self._secrets = tuple(secrets)

    def json(self, value: object) -> str:
        """`value` as JSON text without secrets."""
        before = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        after = hide_secrets(before.encode("utf-8", "replace").decode(), self._secrets)
        self.changed |= before != after
        return after

    def part(self, value: object) -> object:
        """`value` without secrets, packed if it is long; None when it is too long for a reader."""
        clean = self.json(self.tree(value))
        if len(clean) <= PLAIN:
            return json.loads(clean)
        raw = clean.encode()
        return base64.b64encode(zlib.compress(raw, 9)).decode() if len(raw) <= LARGEST_PART else None

    def tree(self, value: object) -> object:
        """Parameters as JSON values; URLs without users and queries."""
        match value:
            case str():
                return self._shown(value)
            case FromInstance() | FromFile() | SecretName():
                return _reference(value)
            case Mapping():
                return {_escaped(str(name)): self.tree(part) for name, part in value.items()}
            case list() | tuple():
                return [self.tree(part) for part in value]
        return value

    def _shown(self, value: str) -> str:
        if "://" not in value and "data:" not in value:
            return value
        clean = hide_credentials(value)
        self.changed |= clean != value
        return clean


def _head(provenance: Provenance, cut: bool, cleaner: Cleaner) -> dict[str, object]:
    """The short fields; those that do not apply are left out."""
    is_hidden = provenance.hidden or cleaner.changed
    notes = {"preview": provenance.preview, "cut": cut, "hidden": is_hidden}
    making = {name: value for name, value in _making(provenance.making).items() if name != "with"}
    return {
        "callsheet": FORMAT,
        "version": provenance.version,
        "pipeline": provenance.pipeline,
        **{name: True for name, holds in notes.items() if holds},
        "address": provenance.address,
        "output": list(provenance.path),
        "kind": provenance.kind,
        "sha256": provenance.sha256,
        **({} if provenance.usd is None else {"usd": round(provenance.usd, 6)}),
        **making,
    }


def _making(making: Making) -> dict[str, object]:
    seed = {} if making.seed is None else {"seed": making.seed}
    take = {} if making.take == 1 else {"take": making.take}
    return {"uses": making.uses, "with": making.parameters, **seed, **take}


def _reference(leaf: FromInstance | FromFile | SecretName) -> dict[str, object]:
    match leaf:
        case FromInstance(kind, address, path, sha256):
            return {"$from": address, "$output": list(path), "$kind": kind, "$sha256": sha256}
        case FromFile(kind, name, sha256):
            return {"$file": name, "$kind": kind, "$sha256": sha256}
        case SecretName(variable):
            return {"$secret": variable}


def _escaped(name: str) -> str:
    return f"${name}" if name.startswith("$") else name
