"""Describes how an instance differs from the last time."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from callsheet.dsl.graph import Instance
from callsheet.nodes.text.chat import USES
from callsheet.nodes.text.llm.request_params import asked, comparable
from callsheet.runtime import keys
from callsheet.runtime.calls.digests import digests
from callsheet.runtime.ledger import Attempt
from callsheet.spec.media import Artifact
from callsheet.spec.node import NodeSpec
from callsheet.spec.types import NOTHING
from callsheet.spec.values import SecretName, first_step, leaves, refs_in
from callsheet.spec.wording import shown

PARTS: Final = re.compile(r"[\[\].]+")
WORDS_SHOWN: Final = 36
"""Characters of a text that a reason shows."""


def differences(
    before: Attempt, params: Mapping[str, object], instance: Instance, unknown: Collection[str] = ()
) -> Iterator[str]:
    """How an instance differs from an earlier attempt: `prompt: "dawn" → "dusk"`.

    params: its parameters, as far as they are known. unknown: the names of the others, which are not
    compared.
    """
    if is_another_model(before, instance.spec):
        yield f"uses: {before.endpoint} → {instance.spec.uses}"
        return
    was = json.loads(before.body)
    if before.nonce:
        was.pop("seed", None)
    if instance.spec.uses == USES:
        was, params = asked(was), comparable(instance.spec, params)
    now = digests(params)
    for name in sorted({*was, *params}.difference(unknown)):
        old, new = was.get(name, NOTHING), params.get(name, NOTHING)
        media, there = _under(name, before.inputs), _under(name, now)
        if media or there:
            if media != there:
                yield _another(name, instance.params.get(name), new, media, there)
        elif _differ(old, new):
            yield f"{name}: {change(old, new)}"


def former(
    before: Attempt, params: Mapping[str, object], instance: Instance, instances: Mapping[str, Instance]
) -> str:
    """`made from the former version of media/frame`, where an attempt was sent other bytes than a newer
    version of an operation makes of the same; "" where it was sent these."""
    now = digests(params)
    if all(now.get(place) == digest for place, digest in before.inputs.items()):
        return ""
    return f"made from the former version of {_raised_behind(instance, instances)}"


def _raised_behind(instance: Instance, instances: Mapping[str, Instance]) -> str:
    """The nearest operation behind an instance that has another version than its first."""
    waiting = [need for need in instance.needs if need in instances]
    for address in waiting:
        spec = instances[address].spec
        if keys.is_raised(spec):
            return spec.uses
        if spec.counts_as_recipe:
            behind = instances[address].needs
            waiting += [need for need in behind if need in instances and need not in waiting]
    return "an operation"


def is_certain(before: Attempt, params: Mapping[str, object], instance: Instance) -> bool:
    """Whether a difference from `before` means another key: its body holds the parameters under their own
    names, and nothing in them is sent as something else."""
    names = json.loads(before.body).keys()
    secret = any(leaves(params, SecretName))
    return not secret and (instance.spec.uses == USES or names <= instance.spec.inputs.keys())


def is_another_model(before: Attempt, spec: NodeSpec) -> bool:
    """Whether an attempt asked another model. A `text/chat` node is asked at several endpoints."""
    if spec.uses != USES:
        return before.endpoint != spec.uses
    body = json.loads(before.body)
    return not ("messages" in body or {"prompt", "model"} <= body.keys())


def _differ(old: object, new: object) -> bool:
    """Whether two values of a parameter count as different in a key."""
    return old is NOTHING or new is NOTHING or not keys.same(old, new)


def recipe_differences(
    before: Mapping[str, Any], now: Mapping[str, Any], instance: Instance, unknown: Collection[str] = ()
) -> Iterator[str]:
    """How what is made on this machine differs from the last time: `seconds: 1 → 2`.

    before, now: components of keys, see `callsheet.runtime.keys.components`. unknown: names of parameters
    that are not compared.
    """
    if (was_made := keys.made_by(before)) != (made := keys.made_by(now)):
        yield f"uses: {was_made or 'nothing that is known'} → {made}"
        return
    if before.get("version") != now.get("version"):
        yield f"another version of {instance.spec.uses}"
    was, new = keys.parameters(before), keys.parameters(now)
    for name in sorted({*was, *new}.difference(unknown)):
        old, value = was.get(name, NOTHING), new.get(name, NOTHING)
        if old == value:
            continue
        media, there = list(keys.identities(old)), list(keys.identities(value))
        if any(media) or any(there):
            yield _another(name, instance.params.get(name), value, media, there)
        else:
            yield f"{name}: {change(keys.plain(old), keys.plain(value))}"


def change(old: object, new: object) -> str:
    """`"…at dusk" → "…at dawn"`. Of a long text only the part that differs is shown."""
    if isinstance(old, str) and isinstance(new, str):
        return f'"{_around(old, new)}" → "{_around(new, old)}"'
    return f"{_text(old)} → {_text(new)}"


def _text(value: object) -> str:
    return "nothing" if value is NOTHING else shown(value)


def _around(text: str, other: str) -> str:
    """The part of `text` that differs from `other`, with a few words around it."""
    if len(text) <= WORDS_SHOWN:
        return text
    same = next((i for i, (a, b) in enumerate(zip(text, other, strict=False)) if a != b), len(other))
    start = max(0, text.rfind(" ", 0, max(0, same - 12)) + 1)
    end = start + WORDS_SHOWN
    return ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")


def _under(name: str, inputs: Mapping[str, str]) -> list[tuple[str, str]]:
    """The media of one parameter, each with its place, in order."""
    found = [(place, d) for place, d in inputs.items() if first_step(place) == name]
    return sorted(
        found, key=lambda one: [int(part) if part.isdigit() else -1 for part in PARTS.split(one[0])]
    )


def _another(name: str, source: object, value: object, was: Sequence[object], now: Sequence[object]) -> str:
    """`input keyframe["storm"] changed`, or for a file of the user's the name of its parameter.

    was, now: what identifies its media, in order.
    """
    addresses = [ref.address for ref in refs_in(source)]
    first = next((i for i, (a, b) in enumerate(zip(was, now, strict=False)) if a != b), len(now))
    if not addresses:
        return f"{name}: another {_kind(value)}"
    if len(addresses) != len(now):
        return f"input {addresses[0]} changed"
    return f"input {addresses[first]} changed" if first < len(now) else f"{name}: {len(was)} → {len(now)}"


def _kind(value: object) -> str:
    return value.kind if isinstance(value, Artifact) else "file"
