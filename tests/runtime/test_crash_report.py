"""A report of a bug: enough to find it, nothing that is nobody's business."""

from pathlib import Path

import pytest

from callsheet.runtime.crash_report import MOST_FRAMES, cleaned, report
from callsheet.runtime.events import NodeFailed, NodeFinished, to_json
from callsheet.spec.values import Ref, SecretName
from callsheet.testing.fakes import FakeProvider, fake_graph, fake_instance, fake_spec

CLIP = fake_spec("fake/clip")
KEY, PIN = "fal-0123456789:abcdef", "correct horse"


class Wordless(Exception):
    """Cannot even say what it is."""

    def __str__(self):
        raise ValueError


class Broken(FakeProvider):
    """Fails on a line with every value it was given in its words."""

    async def perform(self, job):
        if job.address == "clip":
            raise LookupError(f"{job.params} {KEY} {PIN} {job.workdir}")
        return await super().perform(job)


@pytest.fixture
def secrets(monkeypatch):
    monkeypatch.setenv("FAL_KEY", KEY)
    monkeypatch.setenv("SHOP_PHRASE", PIN)


def test_a_report_can_be_pasted(studio, secrets):
    params = {"nested": [{"phrase": SecretName("SHOP_PHRASE")}]}
    graph = fake_graph([fake_instance("clip", CLIP, params), fake_instance("other", CLIP)])
    result = studio.run(graph, providers={"fal": Broken()})
    (failed,) = studio.of(NodeFailed)
    assert (failed.kind, result.exit_code) == ("bug", 3)
    assert failed.message == "callsheet has a bug here (LookupError); the other nodes go on"
    assert "node clip, uses fake/clip" in failed.report
    assert "runtime/test_crash_report.py:" in failed.report
    assert " in perform" in failed.report
    for line in map(to_json, studio.heard):
        assert KEY not in line
        assert PIN not in line
    assert [event.address for event in studio.of(NodeFinished)] == ["other"]


def test_no_secret_is_left_in_any_file(studio, secrets):
    params = {"phrase": SecretName("SHOP_PHRASE")}
    clip, film = fake_instance("film", CLIP, params), fake_instance("clip", CLIP, params)
    studio.run(fake_graph([clip, film], {"film": Ref("film", ("video",))}), providers={"fal": Broken()})
    texts = [path.read_bytes() for path in Path().rglob("*") if path.is_file()]
    assert len(texts) >= 4
    assert not [text for text in texts if KEY.encode() in text or PIN.encode() in text]


def test_an_error_without_words_is_reported_too(studio):
    studio.provider.failing = {"clip": Wordless()}
    studio.run(fake_graph([fake_instance("clip", CLIP)]))
    (failed,) = studio.of(NodeFailed)
    assert failed.report.endswith("Wordless: (it has no words)")


@pytest.mark.parametrize(
    "name, value, text, left",
    [
        ("A_TOKEN", "abcdef", "x abcdef y", "x *** y"),
        ("aws_secret_x", "abcdef", "abcdef", "***"),
        ("DB_PASSWORD", "abc", "abc is the start of words", "abc is the start of words"),
        ("COLOUR", "abcdef", "abcdef", "abcdef"),
    ],
)
def test_what_looks_like_a_secret_by_its_name_is_hidden(monkeypatch, name, value, text, left):
    monkeypatch.setenv(name, value)
    assert cleaned(text) == left


def test_a_secret_inside_another_does_not_give_the_rest_away(monkeypatch):
    monkeypatch.setenv("A_KEY", "abcdef")
    monkeypatch.setenv("B_KEY", "abcdef-ghijkl")
    assert cleaned("abcdef-ghijkl") == "***"


@pytest.mark.parametrize(
    "text, left",
    [("/home/ann/film.yaml", "~/film.yaml"), ("/home/anna/x", "/home/anna/x"), ("/home/ann", "~")],
)
def test_the_home_folder_is_not_named(monkeypatch, text, left):
    monkeypatch.setenv("HOME", "/home/ann")
    assert cleaned(text) == left


def test_what_led_to_an_error_and_what_it_groups_are_told_too():
    def deeper(level):
        return deeper(level - 1) if level else {}["clip"]

    try:
        try:
            deeper(100)
        except KeyError as error:
            raise ExceptionGroup("several", [ValueError("inner")]) from error
    except ExceptionGroup as error:
        lines = report(error, "node clip").splitlines()
    assert lines[1] == "node clip"
    assert [line for line in lines if not line.startswith("  ")][2:] == [
        "KeyError: 'clip'",
        "which led to:",
        "ExceptionGroup: several (1 sub-exception)",
        "ValueError: inner",
    ]
    assert sum(line.endswith(" in deeper") for line in lines) == MOST_FRAMES
    assert "  … 62 more" in lines


def test_errors_that_led_to_each_other_end():
    first, second = ValueError("first"), ValueError("second")
    first.__context__, second.__context__ = second, first
    assert report(first).splitlines()[1:] == ["ValueError: second", "which led to:", "ValueError: first"]
