"""Narration that is too long for its shot, found before the speech is paid for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from callsheet.dsl.check.static_facts import Instances, KnownFacts
from callsheet.dsl.graph import Instance
from callsheet.spec.media import Facts
from callsheet.spec.node import NodeSpec
from callsheet.spec.values import Ref, refs_in

WORDS_PER_SECOND: Final = 3.0
"""The fast end: audiobooks are read at 130 to 160 words a minute, and synthetic voices measured at up to 180
(community.openai.com, TTS talking speed). What does not fit at this rate does not fit."""
SIGNS_PER_SECOND: Final = 6.0
"""Of scripts without blanks, the fast end as well: newsreaders of Mandarin say about 5 syllables a second."""
SIGNS: Final = (("\u3040", "\u30ff"), ("\u3400", "\u9fff"), ("\uf900", "\ufaff"), ("\uac00", "\ud7af"))
"""First and last of the signs of those scripts. A pattern of such ranges takes milliseconds to compile."""
WORD: Final = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Narration:
    """Speech that is too long for its shot. voice, shot: addresses. seconds: of the shot."""

    voice: str
    shot: str
    words: int
    spoken: float
    seconds: float


def narrations(instances: Instances, certain: KnownFacts) -> Iterator[Narration]:
    """Every text that cannot be spoken within its shot, as far as texts are known; each voice once."""
    told: set[str] = set()
    for instance in instances.values():
        pair = _pair(instance)
        if pair is None:
            continue
        video, voices = pair
        seconds = certain.get(video.address, {}).get(str(video.path[0]), Facts()).seconds
        for voice in voices:
            found = instances.get(voice.address)
            if seconds is None or found is None or voice.address in told:
                continue
            if (narration := _too_long(found, video.address, seconds)) is not None:
                told.add(voice.address)
                yield narration


def _pair(instance: Instance) -> tuple[Ref, tuple[Ref, ...]] | None:
    """The shot and the voices that an instance joins: narration under it, or lip-synced speech."""
    names = ports(instance.spec)
    if names is None:
        return None
    video, voice = (instance.params.get(name) for name in names)
    if not isinstance(video, Ref) or not video.path:
        return None
    return video, tuple(refs_in(voice))


def ports(spec: NodeSpec) -> tuple[str, str] | None:
    """The parameters for the picture and for the voice, where a node has both."""
    if spec.uses == "media/mux":
        return "video", "voice"
    roles: Mapping[str, str] = {role: name for name, role in spec.roles.items()}
    both = "source" in roles and "voice" in roles
    return (roles["source"], roles["voice"]) if both and spec.provider != "local" else None


def _too_long(voice: Instance, shot: str, seconds: float) -> Narration | None:
    text = voice.params.get(voice.spec.speech) if voice.spec.speech else None
    if not isinstance(text, str):
        return None
    words, spoken = spoken_seconds(text)
    spoken /= _speed(voice.params)
    return Narration(voice.address, shot, words, spoken, seconds) if spoken > seconds else None


def spoken_seconds(text: str) -> tuple[int, float]:
    """(words, seconds that a fast voice needs for them); signs of scripts without blanks count as words."""
    spaced = "".join(" " if _is_sign(letter) else letter for letter in text)
    signs = sum(map(_is_sign, text))
    words = len(WORD.findall(spaced))
    return words + signs, words / WORDS_PER_SECOND + signs / SIGNS_PER_SECOND


def _is_sign(letter: str) -> bool:
    return any(first <= letter <= last for first, last in SIGNS)


def _speed(params: Mapping[str, object]) -> float:
    """How much faster than usual the voice is asked to speak; 1 where nothing is said."""
    nested = [params, *(value for value in params.values() if isinstance(value, dict))]
    given = next((p["speed"] for p in nested if "speed" in p), 1.0)
    usable = isinstance(given, int | float) and not isinstance(given, bool) and given > 0
    return float(given) if usable else 1.0
