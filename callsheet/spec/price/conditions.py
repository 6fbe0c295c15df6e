"""When a rate, a factor or an extra counts: conditions over one call.

A name is a parameter: its value is the one that is meant, or one of several. A name that begins with `@` asks
something else:

    @given, @missing       the parameter has a value; it has none
    @above                 {num_frames: 81}: the value is larger; @seconds and @fps are those of the result
    @fps                   frames per second of the result
    @voice                 a voice is chosen: voice_ids, or the voice of an element
    @result                1080p: the shorter side of the result is no longer than that
    @pixels_up_to, @pixels_above, @result_megapixels_up_to    pixels of one picture of the result
    @starts_with           {style: vector}: the text begins so
    @mode                  a mode that follows from other parameters in a way that nobody states
    @unchecked             a tier that was seen and never checked: it may count, so that the price is a range
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from callsheet.spec.media import Artifact
from callsheet.spec.price.call import UNKNOWN, Call, is_open
from callsheet.spec.price.span import Span
from callsheet.spec.size import explicit, short_side

Conditions = Mapping[str, tuple[object, ...]]
"""Parameter, or a name with `@` → the values that are meant; all of them must hold."""


def holds(when: Conditions, call: Call) -> bool | None:
    """Whether all conditions hold; None when that hangs on what is not known yet."""
    answers = [_holds(name, wanted, call) for name, wanted in when.items()]
    if False in answers:
        return False
    return None if None in answers else True


def matches(when: Conditions, values: Mapping[str, object]) -> bool | None:
    """The same for the parameters alone."""
    return holds(when, Call(values))


def conditions(data: Mapping[str, Any]) -> Conditions:
    """`{resolution: 720p}` or `{resolution: [720p, 768P]}`."""
    return {name: tuple(v) if isinstance(v, list) else (v,) for name, v in data.items()}


def _holds(name: str, wanted: tuple[object, ...], call: Call) -> bool | None:
    if name.startswith("@"):
        return _ASKED[name](wanted, call)
    return _is_one_of(call.values.get(name), wanted)


def _is_one_of(value: object, wanted: tuple[object, ...]) -> bool | None:
    """A switch that nobody sets is off; of any other value that is missing the default is not known."""
    if value is None:
        return any(w is False or w is None for w in wanted) if _switch(wanted) else None
    if isinstance(value, Mapping) and (size := explicit(value)):
        value = f"{size[0]}x{size[1]}"
    if isinstance(value, str | int | float | bool):
        if any(_same(value, w) for w in wanted):
            return True
        return None if is_open(value) else False
    return False if isinstance(value, list | tuple | dict | Artifact) else None


def _switch(wanted: tuple[object, ...]) -> bool:
    return any(w is None or isinstance(w, bool) for w in wanted)


def _same(value: object, wanted: object) -> bool:
    """Whether they are the same; a parameter takes 5 and "5" alike, and `4K` is `4k`."""
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    return value == wanted or (value is not None and str(value).lower() == str(wanted).lower())


def _given(wanted: tuple[object, ...], call: Call) -> bool | None:
    return all(call.values.get(str(name)) not in (None, "", [], {}, ()) for name in wanted)


def _missing(wanted: tuple[object, ...], call: Call) -> bool | None:
    return not _given(wanted, call)


def _above(wanted: tuple[object, ...], call: Call) -> bool | None:
    for limits in wanted:
        for name, bound in limits.items() if isinstance(limits, Mapping) else ():
            answer = _larger(_measure(name, call), float(bound))
            if answer is not True:
                return answer
    return True


def _measure(name: str, call: Call) -> Span:
    match name:
        case "@seconds":
            return call.length()
        case "@fps":
            return call.rate()
    return call.number(name)


def _larger(value: Span, bound: float) -> bool | None:
    return True if value.low > bound else False if value.high <= bound else None


def _fps(wanted: tuple[object, ...], call: Call) -> bool | None:
    rate = call.rate()
    return any(rate.low == w for w in wanted) if rate.exact else None


def _voice(wanted: tuple[object, ...], call: Call) -> bool | None:
    elements = call.values.get("elements")
    if UNKNOWN in (elements, call.values.get("voice_ids")):
        return None
    of_elements = any(_has_voice(element) for element in elements) if isinstance(elements, list) else False
    return (of_elements or bool(call.values.get("voice_ids"))) is (wanted[0] is True)


def _has_voice(element: object) -> bool:
    return isinstance(element, Mapping) and bool(element.get("voice_id"))


def _result(wanted: tuple[object, ...], call: Call) -> bool | None:
    side = call.short_side()
    return None if side is None else any(side <= (short_side(w) or 0) for w in wanted)


def _pixels_up_to(wanted: tuple[object, ...], call: Call) -> bool | None:
    """Not known where only a guess says how large a picture is whose size could be given."""
    if not call.sized():
        return None
    larger = [_larger(call.pixels(), float(str(w))) for w in wanted]
    return None if None in larger else not any(larger)


def _pixels_above(wanted: tuple[object, ...], call: Call) -> bool | None:
    found = _pixels_up_to(wanted, call)
    return None if found is None else not found


def _megapixels_up_to(wanted: tuple[object, ...], call: Call) -> bool | None:
    return _pixels_up_to(tuple(float(str(w)) * 1e6 for w in wanted), call)


def _starts_with(wanted: tuple[object, ...], call: Call) -> bool | None:
    for starts in wanted:
        for name, start in starts.items() if isinstance(starts, Mapping) else ():
            value = call.values.get(name)
            if not isinstance(value, str):
                return None if value is UNKNOWN else False
            if not value.startswith(str(start)):
                return False
    return True


def _mode(_: tuple[object, ...], __: Call) -> bool | None:
    return None


_ASKED: Final[Mapping[str, Callable[[tuple[object, ...], Call], bool | None]]] = {
    "@given": _given,
    "@missing": _missing,
    "@above": _above,
    "@fps": _fps,
    "@voice": _voice,
    "@result": _result,
    "@pixels_up_to": _pixels_up_to,
    "@pixels_above": _pixels_above,
    "@result_megapixels_up_to": _megapixels_up_to,
    "@starts_with": _starts_with,
    "@mode": _mode,
    "@unchecked": _mode,
}
ASKED: Final = tuple(_ASKED)
