"""Models that can do what is asked, and what they cost at that setting: to choose one, or to compare some."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from callsheet.nodes.catalogue import templates
from callsheet.nodes.registry import Registry
from callsheet.runtime.models import model_called
from callsheet.spec.choices import choices
from callsheet.spec.json_documents import FitJson
from callsheet.spec.lengths import lengths_of
from callsheet.spec.media import Facts
from callsheet.spec.node import NodeSpec
from callsheet.spec.price.quote import Quote, quote
from callsheet.spec.roles import DURATIONS, MILLISECONDS, SOUND
from callsheet.spec.types import BOOLEAN


@dataclass(frozen=True, slots=True)
class Setting:
    """What is asked of each model. seconds: of the result, at least. audio: whether it has sound; None for
    either. max_usd: what a call may cost at most, in USD."""

    seconds: float | None = None
    audio: bool | None = None
    max_usd: float | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """A model at a setting. seconds: of what it makes then, None where nobody knows. price: of one call.
    sizes: the values of its resolution. given: the parameters that the setting means for it. problem: why it
    cannot do what is asked, "" if it can."""

    endpoint: str
    task: str
    seconds: float | None
    audio: bool | None
    price: Quote
    sizes: tuple[str, ...]
    given: Mapping[str, object]
    problem: str = ""

    def to_json(self) -> FitJson:
        """As JSON values; usd is the price at most."""
        return {
            "endpoint": self.endpoint,
            "task": self.task,
            "seconds": self.seconds,
            "audio": self.audio,
            "usd": self.price.high,
            "price": self.price.to_json(),
            "resolutions": [*self.sizes],
            "with": dict(self.given),
            "problem": self.problem or None,
        }


def fitting(registry: Registry, task: str, setting: Setting) -> list[Fit]:
    """The current models of `task` that can do what is asked, the most used first."""
    entries = (e for e in registry.search("", task) if not templates.is_template(e.uses))
    specs = (spec for entry in entries if (spec := registry.find(entry.uses)))
    fits = (fit(spec, setting) for spec in specs if spec.status == "active" and not spec.gone)
    return [found for found in fits if not found.problem]


def side_by_side(registry: Registry, uses: Sequence[str], setting: Setting) -> list[Fit]:
    """These models at the same setting. Raises InputError for a model that does not exist."""
    return [fit(model_called(registry, name), setting) for name in uses]


def fit(spec: NodeSpec, setting: Setting) -> Fit:
    """What a model does and costs at a setting."""
    given, problem = _length(spec, setting.seconds)
    given |= _sound(spec, setting.audio)
    made = next(iter(spec.facts(given).values()), Facts())
    price = quote(spec, given)
    if setting.audio is not None and made.audio is not setting.audio:
        problem = problem or ("it makes no sound" if setting.audio else "it always makes sound")
    return Fit(
        endpoint=spec.uses,
        task=spec.task,
        seconds=made.seconds,
        audio=made.audio,
        price=price,
        sizes=tuple(_sizes(spec)),
        given=given,
        problem=problem or _too_dear(price, setting.max_usd),
    )


def _length(spec: NodeSpec, seconds: float | None) -> tuple[dict[str, object], str]:
    """The parameter for a length of at least `seconds`, or why there is none."""
    if seconds is None:
        return {}, ""
    lengths = lengths_of(spec)
    name = next((n for n in (*DURATIONS, *MILLISECONDS) if n in spec.inputs), "")
    if lengths is None:
        made = next(iter(spec.facts({}).values()), Facts()).seconds
        return {}, "" if made is not None and made >= seconds else "its length cannot be set"
    value = lengths.fitting(seconds)
    return ({}, f"it makes {lengths.longest} at most") if value is None else ({name: value}, "")


def _sound(spec: NodeSpec, audio: bool | None) -> dict[str, object]:
    """The switch for sound, where the model has one."""
    name = next((n for n in SOUND if n in spec.inputs and spec.inputs[n].type == BOOLEAN), "")
    return {} if audio is None or not name else {name: audio}


def _sizes(spec: NodeSpec) -> Iterator[str]:
    field = spec.inputs.get("resolution")
    yield from (str(value) for value in (choices(field.type) if field else ()))


def _too_dear(price: Quote, most: float | None) -> str:
    if most is None:
        return ""
    if price.high is None:
        return "its price is not known"
    return "it may cost more" if price.high > most else ""
