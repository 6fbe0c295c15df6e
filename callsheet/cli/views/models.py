"""Models as text and as JSON values: a list, and one with all its parameters."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from callsheet.runtime.models import Model
from callsheet.spec.money import exact, span
from callsheet.spec.price.age import OLD_DAYS, is_old

LONGEST: Final = 44
"""Characters of an endpoint that share their line with the rest."""
GAP: Final = "  "
ROOM: Final = 30
"""Columns that a formula needs at least to be shown."""
HEADINGS: Final = ("endpoint", "task", "price", "")


def list_text(found: Sequence[Model], width: int) -> str:
    """One row of at most `width` columns for each model, with the price of a call with its defaults; a wide
    terminal shows also the formula, as far as it fits."""
    rows = [HEADINGS, *(_cells(model) for model in found)]
    names, tasks, usd = (max(len(row[column]) for row in rows) for column in range(3))
    names = min(names, LONGEST, width - len(GAP) * 2 - tasks - usd)
    return "\n".join(line for row in rows for line in _row(row, (names, tasks, usd), width))


def _cells(model: Model) -> tuple[str, str, str, str]:
    """Endpoint, task, what a call with the defaults costs, and the formula."""
    usd = model.price if model.usd is None else span(*model.usd)
    if model.status != "active":
        usd = model.status
    return model.endpoint, model.task, usd, model.price if usd != model.price else ""


def _row(row: tuple[str, str, str, str], columns: tuple[int, int, int], width: int) -> Iterator[str]:
    (name, task, usd, formula), (names, tasks, prices) = row, columns
    if len(name) > names:
        yield name
        name = ""
    line = GAP.join((f"{name:<{names}}", f"{task:<{tasks}}", f"{usd:>{prices}}"))
    whole = f"{line}{GAP}{formula}".rstrip()
    room = width - len(line) > ROOM
    yield (whole if len(whole) <= width else f"{whole[: width - 1]}…") if room else line.rstrip()


def model_text(data: dict[str, Any], width: int | None = None) -> str:
    """All that is known of a model, for reading. width: columns of the terminal that it fits into."""
    text = "\n".join(_all_of(data))
    return (
        text
        if width is None
        else "\n".join(part for line in text.split("\n") for part in _wrapped(line, width))
    )


def _wrapped(line: str, width: int) -> list[str]:
    """A line in pieces, the later ones below the text after its name."""
    if len(line) <= width:
        return [line]
    name = re.match(r"\s*(?:\S+:?\s+)?", line)
    below = " " * min(name.end() if name else 0, width // 2)
    from textwrap import wrap

    return wrap(line, width, subsequent_indent=below, break_on_hyphens=False)


def _all_of(data: dict[str, Any]) -> list[str]:
    lines = [data["endpoint"], f"  task    {data['task']}", f"  status  {_status(data)}"]
    if summary := data.get("summary"):
        lines.append(f"  about   {summary}")
    if keys := data.get("keys"):
        lines.append(f"  needs   {', '.join(keys)}")
    if price := data.get("price"):
        lines.append(f"  price   {price['formula']}")
        if "usd_with_defaults" in price:
            lines.append(f"          {exact(price['usd_with_defaults'])} with the defaults")
        lines += [f"          {line}" for line in _about(price)]
    if own := data.get("own_price"):
        counts = "counts" if own["counts"] else "is less than is known, and does not count until you grant it"
        lines += [f"  yours   {own['formula']}", f"          {own['place']} {counts}"]
    if seen := data.get("observed"):
        lines.append(f"  billed  {span(seen['low'], seen['high'])} with the defaults, until {seen['date']}")
    lines += ["", "inputs", *_parameters(data["inputs"]), "", "outputs"]
    lines += [f"  {name}: {out['type']}" for name, out in data["outputs"].items()]
    if limits := data.get("limits"):
        lines += ["", "media", *_media(limits)]
    if rules := data.get("rules"):
        lines += ["", "rules", *(f"  {rule['message']}: {rule['help']}" for rule in rules)]
    if drift := data.get("drift"):
        lines += ["", "differs from the types that the provider publishes today"]
        lines += [f"  {what.replace('_', ' ')}: {', '.join(names)}" for what, names in drift.items()]
    if data.get("open"):
        lines += ["", "not all parameters are known: others are passed on unchecked, with a warning"]
    if source := data.get("source"):
        lines += ["", f"source: {source}"]
    return lines


def _about(price: dict[str, Any]) -> Iterator[str]:
    """The range with the defaults, and where the price comes from."""
    if between := price.get("usd_between"):
        low, high = map(exact, between)
        yield f"{low} to {high} with the defaults: {' and '.join(price.get('open', []))}"
    if price.get("date"):
        old = f", more than {OLD_DAYS} days ago" if is_old(price["date"]) else ""
        origin = price.get("origin", "formula")
        hint = " (one number, without tiers)" if origin == "list" else ""
        yield f"{origin}{hint}, read {price['date']}{old}"


def _status(data: dict[str, Any]) -> str:
    if gone := data.get("gone"):
        return f"{data['status']}, but no longer in the provider's list of {gone}"
    instead = f", use {data['replaced_by']}" if "replaced_by" in data else ""
    return str(data["status"]) + instead


def _parameters(inputs: dict[str, dict[str, Any]]) -> list[str]:
    width = max(map(len, inputs), default=0)
    return [f"  {name.ljust(width)}  {_parameter(data)}" for name, data in inputs.items()]


def _parameter(data: dict[str, Any]) -> str:
    parts = [data["type"] + (" (required)" if data.get("required") else "")]
    if "default" in data:
        parts.append(f"default {json.dumps(data['default'], ensure_ascii=False)}")
    if "enum" in data:
        parts.append("one of " + ", ".join(json.dumps(v, ensure_ascii=False) for v in data["enum"]))
    if "minimum" in data or "maximum" in data:
        parts.append(f"{data.get('minimum', '')}…{data.get('maximum', '')}")
    parts += [words.format(data[key]) for key, words in BOUNDS if key in data]
    if "role" in data:
        parts.append(data["role"].replace("_", " "))
    return "; ".join(parts)


BOUNDS: Final = (
    ("min_exclusive", "more than {}"),
    ("max_exclusive", "less than {}"),
    ("min_length", "at least {} characters"),
    ("max_length", "at most {} characters"),
    ("min_items", "at least {} items"),
    ("max_items", "at most {} items"),
)
UNITS: Final = {"seconds": "s", "megabytes": "MB", "fps": "fps", "items": "items"}


def _media(limits: dict[str, Any]) -> Iterator[str]:
    """One line for each parameter, or each sum of several, with its limits."""
    for name, found in limits.items():
        for said in found if isinstance(found, list) else [found]:
            only = "".join(f" where {n} is {_either(values)}" for n, values in said.get("when", {}).items())
            only += " with a video" if said.get("with_video") else ""
            parts = [_limit(key, value) for key, value in said.items() if key not in ("when", "with_video")]
            yield f"  {name}: {', '.join(parts)}{only}"


def _limit(name: str, value: float) -> str:
    """`max_seconds`, 15 → `at most 15 s`."""
    bound, _, what = name.partition("_")
    unit = UNITS.get(what)
    amount = f"{value:g} {unit}" if unit else f"{what} {value:g}"
    return f"at {'least' if bound == 'min' else 'most'} {amount}"


def _either(values: list[object]) -> str:
    return " or ".join(map(str, values))
