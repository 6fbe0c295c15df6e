"""Words with their times, as models give them, become subtitles."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from callsheet.nodes.media.lettering.label import label_plate
from callsheet.nodes.media.operations.subtitles import LOOKS
from callsheet.nodes.text.captions import captions, cut, timed
from callsheet.nodes.text.spoken import heard
from callsheet.spec.media import Artifact, Facts

from .test_subtitles import made

SPEECH = (
    "Every summer the swallows come back to the harbour. Nobody knows exactly how they find the way, because"
    " the coast looks different every year. Why? Some say it is the stars."
)


def said(text: str, pause: float = 0.4) -> list[dict[str, Any]]:
    """Words of a quarter of a second each, with a pause after each sentence."""
    found, at = [], 0.0
    for word in text.split():
        found.append({"text": word, "start": round(at, 3), "end": round(at + 0.25, 3)})
        at += 0.3 + (pause if word.endswith((".", "?")) else 0)
    return found


def test_every_form_of_word_times_is_read() -> None:
    scribe = [
        {"text": "Hi", "start": 0, "end": 0.2, "type": "word", "speaker_id": "a"},
        {"text": " ", "start": 0.2, "end": 0.25, "type": "spacing", "speaker_id": "a"},
        {"text": "(wind)", "start": 0.2, "end": 0.25, "type": "audio_event"},
        {"text": "you.", "start": 0.25, "end": 0.5, "type": "word", "speaker_id": "a"},
    ]
    whisper = [{"text": " Hi", "timestamp": [0, 0.2]}, {"text": " you.", "timestamp": [0.25, None]}]
    times = [0, 0.1, 0.2, 0.25, 0.3, 0.4, 0.45]
    spelled = [
        {
            "characters": list("Hi you."),
            "character_start_times_seconds": times,
            "character_end_times_seconds": [*times[1:], 0.5],
        }
    ]
    segments = {
        "segments": [{"text": "Hi you.", "start": 0, "end": 1, "words": [{"word": "Hi", "start": 0}]}]
    }
    for given in (scribe, whisper, spelled):
        words = heard(given)
        assert [word.text for word in words] == ["Hi ", "you."], given
        assert [word.start for word in words] == [0, 0.25]
        assert words[1].end == pytest.approx(0.5, abs=0.051)
    assert [(word.text, word.start) for word in heard(segments)] == [("Hi", 0)]
    assert heard(scribe)[0].who == "a"
    assert [word.text for word in heard([{"text": t, "start": i} for i, t in enumerate("海邊")])] == [
        "海",
        "邊",
    ]


@pytest.mark.parametrize(
    "given",
    [None, "text", 7, [], [[]], {"words": None}, [{"text": "a"}], [{"text": " ", "start": 1, "end": 2}],
     [{"word": "a", "start": float("nan")}], [{"word": "a", "start": "1"}], [{"text": "a", "start": -1}],
     [{"characters": ["a"]}], [{"text": "a", "timestamp": [None, 1]}]],
)  # fmt: skip
def test_what_has_no_times_is_left_out(given: object) -> None:
    assert heard(given) == []


def test_speech_is_cut_at_sentences_clauses_and_pauses() -> None:
    found = captions(heard(said(SPEECH)))
    assert [cue.text for cue in found] == [
        "Every summer the swallows\ncome back to the harbour.",
        "Nobody knows exactly\nhow they find the way,",
        "because the coast looks\ndifferent every year.",
        "Why?",
        "Some say it is the stars.",
    ]
    assert all(one.end <= following.start for one, following in pairwise(found))
    assert all(len(line) <= 46 for cue in found for line in cue.text.split("\n"))
    assert [word.text for cue in found for word in cue.words] == SPEECH.split()


def test_few_words_at_once_for_phones() -> None:
    found = captions(heard(said(SPEECH)), most_words=3)
    assert max(len(cue.text.split()) for cue in found) == 3
    assert "".join(cue.text for cue in found).replace(" ", "") == SPEECH.replace(" ", "")
    assert not any(a.endswith(".") for cue in found for a in cue.text.split()[:-1])


def test_another_voice_is_another_text() -> None:
    words = [
        {"text": "Yes.", "start": 0, "end": 1, "speaker": "Ada"},
        {"text": "No.", "start": 1, "end": 2, "speaker": "Ben"},
    ]
    assert [(cue.text, cue.who) for cue in captions(heard(words))] == [("Yes.", "Ada"), ("No.", "Ben")]


def test_a_text_is_held_against_what_was_heard() -> None:
    """Other spelling, and words that were not heard, still have times, in order and inside of the line."""
    words = heard([{"word": "goodbye", "start": 10.5, "end": 11}, {"word": "Road", "start": 12, "end": 12.4}])
    found = timed("Good bye, old road!", 10, 13, words)
    assert [word.text for word in found] == ["Good", "bye,", "old", "road!"]
    assert found[0].start == 10.5 and found[3].start == 12
    assert 10.5 < found[1].start < found[2].start < 12 and found[3].end == 13
    assert timed("Anything", 0, 1, ()) == ()
    other = timed("Anything else", 0, 2, words)
    assert [(word.text, word.start) for word in other] == [("Anything", 0), ("else", pytest.approx(18 / 13))]


def test_a_long_voice_is_cut_into_texts_that_share_its_time() -> None:
    found = cut(SPEECH, 2, 20, [])
    assert len(found) == 3 and found[0].start == 2 and found[-1].end == 20
    assert all(one.end == following.start for one, following in pairwise(found))
    assert all(len(cue.text.split("\n")) <= 2 and not cue.words for cue in found)
    assert cut("Short.", 0, 1, [])[0].text == "Short."


def test_a_long_text_without_spaces_is_cut(tmp_path: Path) -> None:
    found = cut("この道はどこまで続くのだろう。海のほとりで終わるのかもしれない、と彼女は言った。", 0, 9, [])
    assert [cue.text.replace("\n", "") for cue in found] == [
        "この道はどこまで続くのだろう。",
        "海のほとりで終わるのかもしれない、と彼女は言った。",
    ]


def test_words_of_a_voice_count_from_its_beginning(tmp_path: Path) -> None:
    voice = Artifact("audio", tmp_path / "voice.wav", facts=Facts(seconds=2, audio=True))
    words = [{"text": "Good", "start": 0.5, "end": 0.9}, {"text": "bye.", "start": 1, "end": 1.5}]
    line = {"text": "Good bye.", "voice": voice, "start": 10, "words": words, "who": "Ada"}
    lines, *_ = made(tmp_path, lines=[line])
    assert [word["start"] for word in lines[0]["words"]] == [10.5, 11.0] and lines[0]["who"] == "Ada"
    plain, *_ = made(tmp_path, lines=[{"text": "Good bye.", "start": 0, "end": 2, "words": words}])
    assert [word["start"] for word in plain[0]["words"]] == [0.5, 1.0]


def test_subtitles_of_what_was_heard(tmp_path: Path) -> None:
    lines, text, _, told = made(tmp_path, words=said(SPEECH), format="vtt", most_words=4)
    assert told == [] and lines[0]["words"][0] == {"text": "Every", "start": 0.0, "end": 0.25}
    assert "<00:00:00.300>" in text
    lines, text, _, told = made(tmp_path, words=[])
    assert lines == [] and told == ["no word with its time was heard, so there are no subtitles"]


def test_two_hundred_thousand_words_without_a_full_stop() -> None:
    words = heard([{"text": "word", "start": i / 10, "end": i / 10 + 0.1} for i in range(20_000)])
    assert sum(len(cue.words) for cue in captions(words)) == 20_000


def test_lines_that_are_too_wide_for_a_phone_flow_anew() -> None:
    from callsheet.nodes.media.lettering.label import Label

    text = "because the coast looks different every\nyear, and yet they never miss it"
    flowing, stiff = Label(text, LOOKS["outlined"]), Label(text.replace("\n", " "), LOOKS["outlined"])
    size = (180, 320)
    assert label_plate(flowing, size).planes[0].tobytes() == label_plate(stiff, size).planes[0].tobytes()


def test_texts_of_clips_one_after_the_other(tmp_path: Path) -> None:
    clips = [Artifact("video", tmp_path / "a.mp4", facts=Facts(seconds=s)) for s in (2.5, 3.25)]
    lines, _, _, told = made(tmp_path, texts=["Hello.", "Good bye."], clips=clips, who=["Ada", "Ben"])
    assert [(line["start"], line["end"], line["who"]) for line in lines] == [
        (0, 2.5, "Ada"),
        (2.5, 5.75, "Ben"),
    ]
    words = [[], [{"text": "Good", "start": 1, "end": 1.5}, {"text": "bye", "start": 1.5, "end": 2}]]
    lines, *_ = made(tmp_path, texts=["Hello.", "Good bye."], clips=clips, words=words)
    assert [word["start"] for word in lines[1]["words"]] == [3.5, 4.0]
    lines, *_ = made(tmp_path, clips=clips, words=words)
    assert [(line["text"], line["start"]) for line in lines] == [("Good bye", 3.5)]
    lines, _, _, told = made(tmp_path, texts=["Hello.", "Good bye."], clips=clips, words=words[:1])
    assert told == ["the words are not used, since there is not a list for each of the 2 clips"]
    assert [line["text"] for line in lines] == ["Hello.", "Good bye."]


def test_what_the_check_says_of_the_sources(tmp_path: Path) -> None:
    from callsheet.nodes.text.subtitles import SPEC

    def said(**params: object) -> list[str]:
        return [rule.message for rule in SPEC.rules if rule.broken(params)]

    source = "subtitles come from `lines`, from `texts`, from `words` or from a `file`"
    each = "each text is spoken by one of `clips`"
    assert said() == [source] and said(lines=[], words=[]) == [source]
    assert said(texts=["a"]) == [each] and said(texts=["a"], clips=[1, 2]) == [each]
    assert said(texts=["a"], clips=[1], words=[]) == [] and said(words=[], clips=[1]) == []
