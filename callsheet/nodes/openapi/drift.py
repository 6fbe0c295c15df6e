"""Compares two descriptions of one endpoint."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from callsheet.spec.choices import choices
from callsheet.spec.describe import type_name
from callsheet.spec.node import NodeSpec
from callsheet.spec.types import LIMITS, NOTHING, Field
from callsheet.spec.wording import shown


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference. what: "input" or "output". breaks: whether a valid pipeline may be invalid after it."""

    what: str
    name: str
    said: str
    breaks: bool = False

    def __str__(self) -> str:
        return f"{'!' if self.breaks else ' '} {self.what} {self.name}: {self.said}"


def drift(old: NodeSpec, new: NodeSpec) -> tuple[Drift, ...]:
    """What changed from `old` to `new`, parameters first."""
    return (*_inputs(old, new), *_outputs(old, new))


def _inputs(old: NodeSpec, new: NodeSpec) -> Iterator[Drift]:
    for name in sorted({*old.inputs, *new.inputs}):
        before, after = old.inputs.get(name), new.inputs.get(name)
        if before is None and after is not None:
            need = ", and required" if after.required else ""
            yield Drift("input", name, f"new, {type_name(after.type)}{need}", after.required)
        elif after is None:
            yield Drift("input", name, "gone", True)
        elif before is not None:
            yield from (Drift("input", name, said, breaks) for said, breaks in _field(before, after))


def _field(old: Field, new: Field) -> Iterator[tuple[str, bool]]:
    if type_name(old.type) != type_name(new.type):
        yield f"{type_name(old.type)} → {type_name(new.type)}", True
    was, now = list(choices(old.type)), list(choices(new.type))
    if was != now and sorted(map(str, was)) != sorted(map(str, now)):
        yield _values(was, now), bool(now) and (not was or bool(set(was) - set(now)))
    if old.required != new.required:
        yield "required now" if new.required else "no longer required", new.required
    if old.default != new.default:
        yield f"default {_default(old)} → {_default(new)}", False
    for limit in LIMITS:
        before, after = getattr(old, limit), getattr(new, limit)
        if before != after:
            yield (
                f"{limit.replace('_', ' ')} {_text(before)} → {_text(after)}",
                _narrower(limit, before, after),
            )


def _values(was: Sequence[object], now: Sequence[object]) -> str:
    come, gone = [v for v in now if v not in was], [v for v in was if v not in now]
    parts = [f"also {', '.join(map(shown, come))}"] if come else []
    parts += [f"no longer {', '.join(map(shown, gone))}"] if gone else []
    return "; ".join(parts)


def _default(field: Field) -> str:
    return "none" if field.default is NOTHING else shown(field.default)


def _text(value: object) -> str:
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _narrower(limit: str, before: float | None, after: float | None) -> bool:
    if after is None:
        return False
    if before is None:
        return True
    return after > before if limit.startswith("min") else after < before


def _outputs(old: NodeSpec, new: NodeSpec) -> Iterator[Drift]:
    for name in sorted({*old.outputs, *new.outputs}):
        before, after = old.outputs.get(name), new.outputs.get(name)
        if before is None and after is not None:
            yield Drift("output", name, f"new, {type_name(after)}")
        elif after is None:
            yield Drift("output", name, "gone", True)
        elif before is not None and type_name(before) != type_name(after):
            yield Drift("output", name, f"{type_name(before)} → {type_name(after)}", True)
