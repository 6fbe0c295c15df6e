"""Facts of results that are not made yet, in words; guesses are marked as such."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from callsheet.runtime.plan.expected_outputs import Expected


def fact_lines(outputs: Mapping[str, Expected]) -> Iterator[str]:
    """`video: 5 s (a guess), 1280×720, 24 fps (a guess)` for each output of which something is known."""
    for name, expected in outputs.items():
        if words := list(_words(expected)):
            yield f"{name}: {', '.join(words)}"


def _words(expected: Expected) -> Iterator[str]:
    facts = expected.facts

    def marked(text: str, *names: str) -> str:
        return f"{text} (a guess)" if any(name in expected.guesses for name in names) else text

    if facts.seconds is not None:
        yield marked(f"{round(facts.seconds, 2):g} s", "seconds")
    if facts.width and facts.height:
        yield marked(f"{facts.width}×{facts.height}", "width", "height")
    if facts.fps is not None:
        yield marked(f"{round(facts.fps, 2):g} fps", "fps")
