"""How much of its unit one call counts as.

Most units follow from the result. Where a provider counts something else, `quantity` says what:

    1                                        one, whatever the parameters
    {frames: num_frames, per: 16}            frames ÷ 16
    {frames_of: video_url, per: 16}          the frames of an input
    {like: video_url, plus: duration, times: num_samples}    the length of an input, and more
    {parameter: duration, times: num_samples}
    {characters: text}                       the parameter that holds the text
    {plus_seconds: {like: video_urls}}       beside the seconds of the result
    {input: true, output: true}              pictures that go in, and those that come out
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from callsheet.spec.price.call import Call
from callsheet.spec.price.span import Span, between, hull, known
from callsheet.spec.roles import kind_in

PICTURE: Final = 2.0**20
"""Pixels of a megapixel of a picture, where whole ones are counted: 1024 × 1024 is one."""
MILLION: Final = 1e6
CLIP: Final = 5.0
TEXTS: Final = ("text", "prompt")
COMPUTE: Final = (1.0, 60.0)
"""Seconds of a GPU that a call may take; the longest that was seen of most of them."""
TOKENS_OUT: Final = 4096.0
"""Tokens of an answer, at most, where no parameter says it."""

How = Mapping[str, Any]
Step = Callable[[Span], Span]
"""The rounding that a rule states; it leaves a quantity as it is where there is none."""


def quantity(unit: str, how: object, call: Call, step: Step) -> Span:
    """How many of `unit` a call counts as, rounded by `step`. unit: one of `UNITS`."""
    if how == 1:
        return known(1.0)
    return _QUANTITIES[unit](how if isinstance(how, Mapping) else {}, call, step)


def _seconds(how: How, call: Call, step: Step) -> Span:
    match how:
        case {"frames": name, "per": int() | float() as per}:
            return step(call.number(name).scaled(1 / per))
        case {"frames_of": name, "per": int() | float() as per}:
            return step((call.seconds_of(name, alone=True) * call.rate_of(name)).scaled(1 / per))
        case {"parameter": name, "perhaps": str(media)}:
            why = f"whether the seconds of {media} are billed, too, is not stated"
            added = call.duration(name)
            return hull([step(added), step(added + call.seconds_of(media, alone=True))], (why,))
        case {"parameter": name, **more}:
            return step(call.duration(name)) * _times(more.get("times"), call)
        case {"like": name, **more}:
            seconds = call.seconds_of(name, alone="plus" not in more) + _plus(more.get("plus"), call)
            return step(seconds) * _times(more.get("times"), call)
    return step(call.length())


def _plus(how: object, call: Call) -> Span:
    match how:
        case {"like": str(name)}:
            return call.seconds_of(name)
        case str(name) if name in call.inputs:
            return call.duration(name)
    return known(0.0)


def _times(name: object, call: Call) -> Span:
    return call.number(name) if isinstance(name, str) and name in call.inputs else known(1.0)


def _minutes(how: How, call: Call, step: Step) -> Span:
    return step(_seconds(how, call, _as_it_is).scaled(1 / 60))


def _clips(how: How, call: Call, _: Step) -> Span:
    from callsheet.spec.price.span import up

    return _seconds(how, call, _as_it_is).mapped(lambda seconds: up(seconds, CLIP) / CLIP)


def _frames(per: int) -> Callable[[How, Call, Step], Span]:
    def count(how: How, call: Call, step: Step) -> Span:
        if how:
            return _seconds(how, call, step)
        return step((call.length() * call.rate()).scaled(1 / per))

    return count


def _one(_: How, __: Call, ___: Step) -> Span:
    return known(1.0)


def _images(_: How, call: Call, __: Step) -> Span:
    several = next((name for name in ("num_images", "n", "batch_size") if name in call.values), "")
    count = call.number(several) if several else known(1.0)
    if (sets := call.values.get("max_images")) not in (None, 1):
        most = call.number("max_images").high if sets is not None else 1.0
        count = count * between(1.0, most, "how many pictures the model makes is not known")
    return count


def _megapixels(how: How, call: Call, step: Step) -> Span:
    """Megapixels of 2^20 pixels where whole ones are counted, else of a million, which is never less."""
    return _in_megapixels(call.pixels(), step) * _images(how, call, step)


def _in_megapixels(pixels: Span, step: Step) -> Span:
    whole = step(pixels.scaled(1 / PICTURE))
    return pixels.scaled(1 / MILLION) if step is _as_it_is else whole


def _processed(how: How, call: Call, step: Step) -> Span:
    total = _megapixels({}, call, step)
    for name in [n for n, f in call.inputs.items() if kind_in(f.type) == "image"]:
        if isinstance(how.get("input"), str):
            total = total + call.count(name)
        else:
            total = sum((_in_megapixels(pixels, step) for pixels in call.pixels_of(name)), total)
    return total


def _video_megapixels(how: How, call: Call, step: Step) -> Span:
    count = next((name for name in ("num_frames", "max_frames") if name in call.values), None)
    frames = call.number(count) if count else call.length() * call.rate()
    if "plus" in how:
        context = call.number("num_context_frames") if "num_context_frames" in call.inputs else known(0.0)
        frames = frames + context
    return step((call.pixels() * frames).scaled(1 / MILLION))


def _megapixel_seconds(_: How, call: Call, step: Step) -> Span:
    return step((call.pixels() * call.length()).scaled(1 / MILLION))


def _video_tokens(how: How, call: Call, step: Step) -> Span:
    seconds = call.length()
    match how.get("plus_seconds"):
        case {"like": str(name)}:
            seconds = seconds + call.seconds_of(name)
    return step((call.pixels() * call.rate() * seconds).scaled(1 / 1024 / 1000))


def _characters(per: int) -> Callable[[How, Call, Step], Span]:
    def count(how: How, call: Call, step: Step) -> Span:
        name = how.get("characters") or how.get("of")
        text = name or next((n for n in TEXTS if n in call.values), None)
        text = text or next((n for n in TEXTS if n in call.inputs), "text")
        return step(call.characters(text).scaled(1 / per))

    return count


def _tokens_in(per: float) -> Callable[[How, Call, Step], Span]:
    """Of a text, one for each character at most and for each eight at least; of a picture, up to 3,050."""

    def count(how: How, call: Call, _: Step) -> Span:
        name = str(how.get("of", "prompt"))
        kind = kind_in(call.inputs[name].type) if name in call.inputs else None
        why = "how many tokens go in is not known"
        if kind is not None or name.startswith("image"):
            return (call.count(name) * between(135.0, 3050.0, why)).scaled(1 / per)
        if call.values.get(name) is None:
            return known(0.0)
        return (call.characters(name) * between(1 / 8, 1.0, why)).scaled(1 / per)

    return count


def _tokens_out(per: float) -> Callable[[How, Call, Step], Span]:
    def count(_: How, call: Call, __: Step) -> Span:
        most = next(
            (n for n in ("max_tokens", "max_new_tokens") if isinstance(call.values.get(n), int)), None
        )
        high = call.number(most).high if most else TOKENS_OUT
        return between(
            1.0, high, f"how many tokens come out is not known, at most {high:,.0f} assumed"
        ).scaled(1 / per)

    return count


def _compute(_: How, __: Call, ___: Step) -> Span:
    low, high = COMPUTE
    return between(low, high, f"how many seconds a GPU takes is not known, {low:g} to {high:g} assumed")


def _each(how: How, call: Call, _: Step) -> Span:
    above = float(how.get("above", 0))
    count = call.count(str(how.get("of", ""))).mapped(lambda items: max(items - above, 0.0))
    return count * _images({}, call, _) if how.get("times") == "images" else count


def _input_seconds(how: How, call: Call, step: Step) -> Span:
    return step(call.seconds_of(str(how["of"]))) if "of" in how else _seconds(how, call, step)


def _as_it_is(span: Span) -> Span:
    return span


AS_IT_IS: Final[Step] = _as_it_is

_QUANTITIES: Final[Mapping[str, Callable[[How, Call, Step], Span]]] = {
    "second": _seconds,
    "input_second": _input_seconds,
    "clip_5s": _clips,
    "minute": _minutes,
    "input_minute": _minutes,
    "video": _one,
    "image": _images,
    "request": _one,
    "each": _each,
    "megapixel": _megapixels,
    "processed_megapixel": _processed,
    "video_megapixel": _video_megapixels,
    "megapixel_second": _megapixel_seconds,
    "1k_characters": _characters(1000),
    "100_characters": _characters(100),
    "1k_video_tokens": _video_tokens,
    "1k_tokens_in": _tokens_in(1e3),
    "1k_tokens_out": _tokens_out(1e3),
    "1m_tokens_in": _tokens_in(1e6),
    "1m_tokens_out": _tokens_out(1e6),
    "1m_tokens": _tokens_out(1e6),
    "frames_16": _frames(16),
    "frames_30": _frames(30),
    "compute_second": _compute,
}
UNITS: Final[Mapping[str, str]] = {
    "second": "seconds",
    "input_second": "seconds of the input",
    "clip_5s": "clips of 5 s",
    "minute": "minutes",
    "input_minute": "minutes of the input",
    "video": "one video",
    "image": "images",
    "request": "one call",
    "each": "each",
    "megapixel": "megapixels",
    "processed_megapixel": "megapixels in and out",
    "video_megapixel": "million pixels of all frames",
    "megapixel_second": "million pixels × seconds",
    "1k_characters": "characters / 1000",
    "100_characters": "characters / 100",
    "1k_video_tokens": "thousand video tokens (width × height × fps × seconds / 1024)",
    "1k_tokens_in": "tokens in / 1000",
    "1k_tokens_out": "tokens out / 1000",
    "1m_tokens_in": "million tokens in",
    "1m_tokens_out": "million tokens out",
    "1m_tokens": "million tokens",
    "frames_16": "frames / 16",
    "frames_30": "frames / 30",
    "compute_second": "seconds of a GPU",
}
"""Unit → its name in a formula."""
