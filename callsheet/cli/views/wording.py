"""What the views have in common: how money, time, names and failures are written."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from callsheet.dsl.address import node_of
from callsheet.spec import shell
from callsheet.spec.money import money
from callsheet.spec.plural import plural

if TYPE_CHECKING:
    from callsheet.runtime.events import (
        NodeFailed,
        NodeFellBack,
        NodeGate,
        NodeIncomplete,
        NodeWaiting,
        RunFinished,
        RunGrew,
        RunStarted,
    )

MOST_ELEMENTS: Final = 20
"""Lines for the elements of one output at the most."""
MOST_OUTPUTS: Final = 24
"""Outputs that are shown one by one; those of more rows are told together."""
BLANKS: Final = "\n\r\t\v\f\u2028\u2029"
UNSEEN: Final = {"Cc", "Cf", "Cs", "Co", "Cn"}
JOINERS: Final = "\u200c\u200d"
"""Parts of words in Persian and Hindi, and of emoji; they do nothing to a terminal."""


def printable(text: str) -> str:
    """`text` on one line: no escape sequences, no marks that turn the order of what follows."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_shown, text))


def _shown(character: str) -> str:
    if character in BLANKS:
        return " "
    unseen = unicodedata.category(character) in UNSEEN and character not in JOINERS
    return "�" if unseen else character


AT_PROVIDER: Final = ("queued", "running", "fetching")
NAMED: Final = 6
"""Keys of an axis that one line names."""
PREFIXES: Final = ("fal-ai/", "media/", "hf/")


def size(count: float) -> str:
    """`1.2 GB`."""
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


def clock(seconds: float) -> str:
    """8.3s, 2m 05s, 1h 02m."""
    if seconds < 60:
        return f"{seconds:.1f}s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}m {rest:02}s" if minutes < 60 else f"{minutes // 60}h {minutes % 60:02}m"


def short(uses: str) -> str:
    """An endpoint's name without its provider."""
    return next((uses.removeprefix(p) for p in PREFIXES if uses.startswith(p) and p != "media/"), uses)


def opening(event: RunStarted) -> str:
    """The first line: what is made, how, and for how much."""
    head = f"{printable(event.pipeline)}: {plural(event.total, 'instance')}"
    if event.mode == "preview":
        real = f"; a real run costs {price(event.usd, event.unpriced)}" if event.usd or event.unpriced else ""
        return f"{head}, preview, free{real}"
    return f"{head}, {price(event.usd, event.unpriced)}"


def growth(event: RunGrew) -> list[str]:
    """What came with the lists of axes, one line each."""
    lines = []
    for axis, keys in event.axes.items():
        some = ", ".join(keys[:NAMED]) + (f" and {len(keys) - NAMED} more" if len(keys) > NAMED else "")
        lines.append(printable(f"{axis}: {some}; {plural(event.total, 'instance')} now"))
    return lines


def price(usd: float, unpriced: int) -> str:
    """A sum, and how many calls it does not cover."""
    if not unpriced:
        return money(usd)
    calls = plural(unpriced, "call without a known price")
    return f"{money(usd)} and {calls}" if usd else calls


def spent(usd: float, unpriced: int) -> str:
    """`$0.10`; `≥ $0.10, 4 of unknown price` where that is not all."""
    return f"≥ {money(usd)}, {unpriced:,} of unknown price" if unpriced else money(usd)


def closing(event: RunFinished) -> str:
    """The last line: what came of it."""
    parts = [f"{event.made} made"] if event.made or not event.reused else []
    parts += [f"{event.reused} reused"] if event.reused else []
    parts += [f"{event.failed} failed"] if event.failed else []
    parts += [f"{event.blocked} blocked"] if event.blocked else []
    parts += [f"{event.waiting} waiting for a person"] if event.waiting else []
    parts += [f"{event.not_started} not made"] if event.not_started else []
    money_spent = f", {spent(event.usd, event.unpriced)}" if event.usd or event.unpriced else ""
    return f"{event.status}: {', '.join(parts)} in {clock(event.seconds)}{money_spent}"


def failure(event: NodeFailed, command: str) -> list[str]:
    """A failure with its next step and what to type to try it again; `command` is what was typed."""
    lines = [printable(f"{event.address} ({event.uses}) {event.kind}: {event.message}")]
    if event.next_step:
        lines.append(printable(f"  help: {event.next_step}"))
    if command:
        lines.append(printable(f"  again: {command} --only {shell.quoted(event.address)}"))
    if event.report:
        lines += ["", *map(printable, event.report.splitlines())]
    return lines


def fallback(event: NodeFellBack) -> str:
    """Who takes over, and why: `clip["dawn"] falls back to pika: rejected: the prompt was refused`."""
    return printable(f"{event.address} falls back to {short(event.to)}: {event.kind}: {event.message}")


def waiting(event: NodeWaiting) -> str:
    """What an instance waits for, and for how long: `clip["dawn"]  queued, position 3, 2m 05s`."""
    lasts = [] if event.seconds is None else [clock(event.seconds)]
    return printable(f"{event.address}  {', '.join([state(event), *lasts])}")


def state(event: NodeWaiting) -> str:
    """What an instance waits for: `queued, position 3`."""
    if event.trouble:
        return printable(event.trouble)
    if event.by:
        return printable(f"waits for {event.by}")
    place = "" if event.position is None else f", position {event.position}"
    return printable(event.state) + place


def accepted(event: NodeWaiting) -> bool:
    """Whether a provider has the request: it goes on there if the run is stopped."""
    return event.state in AT_PROVIDER


def stopped(provider: str) -> str:
    """What became of an instance when the run was stopped. provider: where its request goes on, "" if it
    does not."""
    return f"goes on at {provider}" if provider else "stopped"


def of_node(made: int, reused: int, total: int) -> str:
    """`7 of 10 made, 1 reused`."""
    text = f"{made} made" if made + reused == total else f"{made} of {total} made"
    return f"{text}, {reused} reused" if reused else text


def incomplete(event: NodeIncomplete) -> str:
    """What an instance lacks: `film has a slate in place of clip["storm"]`."""
    missing = ", ".join(event.missing[:5]) + (
        f" and {more} more" if (more := len(event.missing) - 5) > 0 else ""
    )
    if not event.placeholder:
        return printable(f"{event.address} is made without {missing}")
    slate = "a slate" if len(event.missing) == 1 else "slates"
    return printable(f"{event.address} has {slate} in place of {missing}")


def gate(event: NodeGate) -> str:
    """Where a person is asked: `board waits for a person: look at out/film/board.png`."""
    look = f": look at {event.files[0]}" if event.files else ""
    match event.gate:
        case "open":
            return printable(f"{event.address} goes on in a preview; a real run waits for a person here")
        case "changed":
            return printable(f"{event.address} was approved, but its result has changed{look}")
    return printable(f"{event.address} waits for a person{look}")


def trouble(event: RunFinished) -> list[str]:
    """What is wrong with the run as a whole, and the next step."""
    lines = [f"error: {event.message}"] if event.message else []
    step = "  help:" if event.message else "next:"
    lines += [f"{step} {event.next_step}"] if event.next_step else []
    return list(map(printable, lines))


def results(outputs: Mapping[str, object]) -> list[str]:
    """One line for each file or value that the pipeline gives; where it is made for many rows, one for each
    output."""
    more: dict[str, str] = {}
    if len(outputs) > MOST_OUTPUTS:
        counts = Counter(map(node_of, outputs))
        first = {node_of(name): name for name in reversed(list(outputs))}
        outputs = {name: value for name, value in outputs.items() if name in first.values()}
        more = {first[n]: f", and of {count - 1:,} more rows" for n, count in counts.items() if count > 1}
    lines = ((name, text) for name, value in outputs.items() for text in _first(_texts(value)))
    return [printable(f"{name}: {text}{more.get(name, '')}") for name, text in lines]


def _first(texts: Sequence[str]) -> Sequence[str]:
    """The first elements of a long list, and how many more there are."""
    if len(texts) <= MOST_ELEMENTS:
        return texts
    return [*texts[: MOST_ELEMENTS - 1], f"… and {len(texts) - MOST_ELEMENTS + 1:,} more"]


def _texts(value: object) -> Sequence[str]:
    """Texts and files as they are, each on a line of its own; anything else as JSON."""
    if isinstance(value, list) and all(isinstance(text, str | list) for text in value):
        return [text for item in value for text in _texts(item)]
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return [text if len(text) <= 200 else text[:197] + "…"]


def some(names: Sequence[str]) -> str:
    """The first of many names, and how many more there are."""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
