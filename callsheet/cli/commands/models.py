"""`callsheet models`: what can be used, and what each takes, makes and costs."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, Final

import click

from callsheet.errors import InputError

if TYPE_CHECKING:
    from callsheet.nodes.registry import Entry, Registry

SCREEN: Final = 40
LONGEST: Final = 50
HEADINGS: Final = ("endpoint", "task", "price", "status")


@click.command("models")
@click.argument("words", nargs=-1, metavar="[QUERY… | show ID | add ID… | diff [ID…]]")
@click.option("--task", default="", help="Only this task, such as image-to-video.")
@click.option("--all", "every", is_flag=True, help="Every hit, however many.")
@click.option("as_json", "--json", is_flag=True, help="Print JSON.")
@click.option("--offline", is_flag=True, help="diff: without the live documents.")
@click.option("--exit-code", is_flag=True, help="diff: exit with 2 when a live document has drifted.")
def command(
    words: tuple[str, ...], task: str, every: bool, as_json: bool, offline: bool, exit_code: bool
) -> int:
    """Search the models, show all that is known of one, or keep an endpoint's own description.

    \b
    callsheet models kling image-to-video
    callsheet models show fal-ai/pika/v2.2/image-to-video
    callsheet models add fal-ai/new-model/text-to-video     its live document, into models/
    callsheet models diff                                   catalogue → models/ → live
    """
    from callsheet.cli.commands import model_files
    from callsheet.nodes.registry import Registry

    registry = Registry()
    match words:
        case ("show", uses):
            _show(registry, uses, as_json)
        case ("add", first, *rest):
            model_files.add(registry, tuple(dict.fromkeys((first, *rest))))
        case ("diff", *asked):
            drifted = model_files.diff(registry, tuple(dict.fromkeys(asked)), offline, as_json)
            return 2 if exit_code and drifted else 0
        case _:
            _list(registry, " ".join(words), task, every, as_json)
    return 0


def _list(registry: Registry, query: str, task: str, every: bool, as_json: bool) -> None:
    hits = registry.search(query, task)
    if as_json:
        click.echo(json.dumps([_line(registry, hit) for hit in hits], ensure_ascii=False, indent=2))
        return
    if not hits:
        raise InputError(f"no model matches {query or task!r}", "try fewer words: callsheet models kling")
    shown = hits if every or not sys.stdout.isatty() else hits[:SCREEN]
    rows = [[str(v) for v in _line(registry, hit).values()] for hit in shown]
    _table(rows)
    if len(shown) < len(hits):
        click.echo(f"… and {len(hits) - len(shown):,} more: add a word, --task or --all")


def _line(registry: Registry, entry: Entry) -> dict[str, str]:
    """One row of the listing: endpoint, task, price, status."""
    spec = registry.find(entry.uses)
    if spec is None:
        return {"endpoint": entry.uses, "task": entry.task, "price": "unpriced", "status": "active"}
    free = "free" if spec.provider == "local" else "unpriced"
    price = spec.price.formula if spec.price else free
    return {"endpoint": spec.uses, "task": spec.task, "price": price, "status": spec.status}


def _table(rows: list[list[str]]) -> None:
    """A table on a terminal; elsewhere columns of plain text, never cut."""
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.table import Table

        table = Table(box=None, pad_edge=False)
        table.add_column(
            HEADINGS[0], min_width=min(max(len(row[0]) for row in rows), LONGEST), overflow="fold"
        )
        for heading in HEADINGS[1:]:
            table.add_column(heading)
        for row in rows:
            table.add_row(*row)
        Console().print(table)
        return
    widths = [max(len(row[i]) for row in [list(HEADINGS), *rows]) for i in range(len(HEADINGS))]
    for row in [list(HEADINGS), *rows]:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _show(registry: Registry, uses: str, as_json: bool) -> None:
    from callsheet.spec.describe import describe

    spec = registry.find(uses)
    if spec is None:
        near = registry.nearest(uses)
        hint = f"did you mean {', '.join(near)}?" if near else "look for it with: callsheet models QUERY"
        raise InputError(f"there is no model {uses}", hint)
    data = describe(spec, registry.record(uses))
    click.echo(json.dumps(data, ensure_ascii=False, indent=2) if as_json else _text(data))


def _text(data: dict[str, Any]) -> str:
    """What `--json` says, for reading."""
    lines = [data["endpoint"], f"  task    {data['task']}", f"  status  {_status(data)}"]
    if price := data.get("price"):
        lines.append(f"  price   {price['formula']}")
        if "usd_with_defaults" in price:
            lines.append(f"          {_dollars(price['usd_with_defaults'])} with the defaults")
    lines += ["", "inputs", *_parameters(data["inputs"]), "", "outputs"]
    lines += [f"  {name}: {out['type']}" for name, out in data["outputs"].items()]
    if rules := data.get("rules"):
        lines += ["", "rules", *(f"  {rule['message']}: {rule['help']}" for rule in rules)]
    if drift := data.get("drift"):
        lines += ["", "drift from the types that the provider publishes today"]
        lines += [f"  {what.replace('_', ' ')}: {', '.join(names)}" for what, names in drift.items()]
    if source := data.get("source"):
        lines += ["", f"source: {source}"]
    return "\n".join(lines)


def _status(data: dict[str, Any]) -> str:
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
    limits = (("max_length", "characters"), ("max_items", "items"))
    parts += [f"at most {data[key]} {what}" for key, what in limits if key in data]
    if "role" in data:
        parts.append(data["role"].replace("_", " "))
    return "; ".join(parts)


def _dollars(usd: float) -> str:
    """Cents at least, and as many digits as a small price needs: $1.20, $0.045."""
    text = f"{usd:.4f}".rstrip("0")
    whole, _, cents = text.partition(".")
    return f"${whole}.{cents:0<2}"
