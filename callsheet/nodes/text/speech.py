"""From what is said to subtitles: lines with times or voices, texts with clips, words that were heard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from callsheet.errors import NodeError
from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.probe import probe
from callsheet.nodes.media.text.cue import LONGEST, Cue
from callsheet.nodes.text.captions import captions, cut, timed
from callsheet.nodes.text.spoken import Heard, heard
from callsheet.spec.media import Artifact
from callsheet.spec.node import Job


def of_lines(job: Job) -> list[Cue]:
    """The subtitles of `lines`, in the order of their times. Raises NodeError (*local*)."""
    return sorted(_lines(job), key=lambda cue: cue.start)


def of_words(job: Job) -> list[Cue]:
    """The subtitles of `words` of a whole film."""
    return _captions(job, heard(asked.value(job, "words")))


def of_clips(job: Job) -> list[Cue]:
    """The subtitles of `clips`, which come one after the other. Raises NodeError (*local*)."""
    clips, texts, who = asked.artifacts(job, "clips"), asked.texts(job, "texts"), asked.texts(job, "who")
    if texts and len(texts) != len(clips):
        raise NodeError(
            f"{job.address}: {len(texts)} texts and {len(clips)} clips",
            "local",
            "give one clip for each text",
        )
    words = asked.value(job, "words")
    said = list(words) if isinstance(words, list | tuple) and len(words) == len(clips) else []
    if words and not said:
        job.tell(f"the words are not used, since there is not a list for each of the {len(clips)} clips")
    found, start = list[Cue](), 0.0
    for i, clip in enumerate(clips):
        end = start + _seconds(clip, f"{job.address}: clip {i + 1}")
        times = _later(heard(said[i]) if said else [], start)
        cues = _spoken(job, texts[i], (start, end), times) if texts else _captions(job, times)
        found += (replace(cue, who=who[i]) if i < len(who) else cue for cue in cues)
        start = end
    return found


def _lines(job: Job) -> Iterator[Cue]:
    last = 0.0
    for number, one in enumerate(asked.records(asked.value(job, "lines")), 1):
        start = asked.known(one, "start")
        begin = last if start is None else start
        end = asked.known(one, "end")
        last = begin + _voice(one, f"{job.address}: line {number}") if end is None else end
        if not begin < last <= LONGEST:
            raise NodeError(
                f"{job.address}: line {number} begins at {begin:g} s and ends at {last:g} s",
                "local",
                "let it end after it begins",
            )
        for cue in _line(job, one, (begin, last)):
            yield replace(cue, who=str(one.get("who") or ""))


def _line(job: Job, given: Mapping[str, object], span: tuple[float, float]) -> list[Cue]:
    """A line, or the parts of one that is spoken and too long."""
    text, words = str(given["text"]), heard(given.get("words"))
    if isinstance(given.get("voice"), Artifact):
        return _spoken(job, text, span, _later(words, span[0]))
    return [Cue(*span, text, words=timed(text, *span, words))]


def _spoken(job: Job, text: str, span: tuple[float, float], words: Sequence[Heard]) -> list[Cue]:
    return cut(text, *span, words, asked.whole(job, "line_length"), asked.whole(job, "most_words"))


def _captions(job: Job, words: Sequence[Heard]) -> list[Cue]:
    return captions(words, asked.whole(job, "line_length"), asked.whole(job, "most_words"))


def _later(words: Sequence[Heard], seconds: float) -> list[Heard]:
    return [replace(one, start=one.start + seconds, end=one.end + seconds) for one in words]


def _voice(given: Mapping[str, object], place: str) -> float:
    """Seconds of the voice of a line."""
    voice = given.get("voice")
    if not isinstance(voice, Artifact):
        raise NodeError(f"{place} has no `end`", "local", "give it an `end`, or the `voice` that speaks it")
    return _seconds(voice, place)


def _seconds(given: Artifact, place: str) -> float:
    seconds = given.facts.seconds or probe(given.path).seconds
    if not seconds:
        raise NodeError(f"{place}: its length is not known", "local", "pass a sound or a video that is whole")
    return seconds
