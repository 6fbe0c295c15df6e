"""What a preview has to show, read off a job."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from callsheet.nodes.media.text.typeset import clean
from callsheet.nodes.preview.random import Dice
from callsheet.spec.media import Artifact, Facts
from callsheet.spec.node import Job
from callsheet.spec.values import leaves, map_leaves

PROMPTS: Final = (
    "prompt",
    "text",
    "inputs",
    "script",
    "input_text",
    "gen_text",
    "lyrics",
    "instruction",
    "prompts",
)
GOLDEN: Final = 0.618033988749895
MAX_SEED: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Brief:
    """address: the instance. endpoint: the model, without its owner. seed: as given, else derived.

    hue: 0..1, from address and seed. identity: sha256 hex of the whole request; equal identities give
    equal previews. variant: tells the takes of one scene apart; 0 where nothing does.
    """

    address: str
    endpoint: str
    prompt: str
    seed: int
    hue: float
    identity: str
    variant: int = 0

    def numbered(self, index: int) -> Brief:
        """The brief of the next of several results: same shot, another light."""
        if index == 0:
            return self
        address = f"{self.address} #{index + 1}"
        hue = hue_of(address, self.seed)
        return replace(self, address=address, hue=hue, variant=self.variant + index)


def brief(job: Job) -> Brief:
    """The brief of `job`. Media count by their bytes, so paths and URLs change nothing."""
    address = clean(job.address)
    given = job.params.get("seed")
    seed = _seed(given, job.spec.uses, address)
    return Brief(
        address=address,
        endpoint=clean(job.spec.uses.removeprefix("fal-ai/").removeprefix("hf/")),
        prompt=clean(words_of(job.params)),
        seed=seed,
        hue=hue_of(address, seed),
        identity=_identity(job),
        variant=seed if given is not None else 0,
    )


def hue_of(address: str, seed: object) -> float:
    """The hue of a shot: two bytes of its hash, laid around the circle in golden steps."""
    number = int.from_bytes(Dice(address, seed).digest[:2])
    return number * GOLDEN % 1.0


def known(facts: Facts, *defaults: Facts) -> Facts:
    """`facts` with what is not known taken from the first of `defaults` that knows it."""
    for more in defaults:
        missing = {
            name: getattr(more, name)
            for name in ("seconds", "width", "height", "fps", "audio")
            if getattr(facts, name) is None
        }
        facts = replace(facts, **missing)
    return facts


def _identity(job: Job) -> str:
    request = [job.spec.uses, job.address, _plain(job.params)]
    text = json.dumps(request, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    """A value tree as JSON, media as their digests."""
    return map_leaves(value, lambda leaf: {"digest": digest_of(leaf)} if isinstance(leaf, Artifact) else leaf)


def digest_of(artifact: Artifact) -> str:
    """sha256 hex of its file."""
    if artifact.digest:
        return artifact.digest
    with artifact.path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _seed(value: object, *place: str) -> int:
    """The seed as given, or one that stays with the place while the words around it change."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    return int.from_bytes(Dice("seed", *place).digest[:4]) % MAX_SEED


def words_of(params: Mapping[str, object]) -> str:
    """The words of a request: its prompt, or else its first text of some length."""
    return " ".join(_texts(params))


def _texts(params: Mapping[str, object]) -> Iterator[str]:
    for name in PROMPTS:
        if words := [text for text in leaves(params.get(name), str) if text.strip()]:
            yield from words
            return
    yield from next(([v] for v in params.values() if isinstance(v, str) and " " in v.strip()), [])
