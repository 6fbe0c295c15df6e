"""Results were paid for: whatever can be understood is read, and what cannot says why."""

from __future__ import annotations

import json

import pytest

from callsheet.nodes.queue.protocol import Remote
from callsheet.nodes.queue.result import outputs
from callsheet.spec.receive import Unfit
from callsheet.spec.types import INTEGER, STRING, Field, ListOf, Maybe, Media, OneOf, Record, Type
from callsheet.spec.values import leaves
from callsheet.spec.web_origin import Origin

URL = "https://v3.fal.media/files/a.mp4"
VIDEO = Media("video")
IMAGES = ListOf(Media("image"))
FILM = {"video": Remote("video", URL)}


def read(result: object, **promised: Type) -> dict[str, object]:
    return outputs(result if isinstance(result, str) else json.dumps(result), promised)


@pytest.mark.parametrize(
    "video",
    [
        {"url": URL, "content_type": "video/mp4"},
        {"url": URL, "content_type": "application/octet-stream"},
        {"url": URL, "content_type": "image/png", "file_name": None, "file_size": None},
        {"url": URL, "content_type": 7},
        {"file_url": URL},
        {"content_type": "video/mp4", "link": URL},
        URL,
        [{"url": URL}],
        [URL],
        f" {URL}\n",
        URL.replace("https:", "http:"),
        URL.removeprefix("https:"),
    ],
)
def test_media_in_every_shape(video: object) -> None:
    """What is said of their kind counts for nothing: the bytes will tell."""
    assert read({"video": video}, video=VIDEO) == FILM


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("https://v3.fal.media/é 火.png", "https://v3.fal.media/%C3%A9%20%E7%81%AB.png"),
        ("https://v3.fal.media/a%20b.png?x=1&y=ü", "https://v3.fal.media/a%20b.png?x=1&y=%C3%BC"),
        ("https://v3.fal.media/100% é.png", "https://v3.fal.media/100%25%20%C3%A9.png"),
        ("https://bücher.example/a", "https://xn--bcher-kva.example/a"),
        ("HTTPS://V3.fal.media/a|b", "https://V3.fal.media/a%7Cb"),
    ],
)
def test_a_url_is_sent_as_a_browser_would(url: str, sent: str) -> None:
    assert read({"video": url}, video=VIDEO) == {"video": Remote("video", sent)}


@pytest.mark.parametrize(
    "result",
    [
        {"response": {"video": URL}},
        {"status": "COMPLETED", "request_id": "r", "response": {"video": URL}, "error": None},
        {"data": {"output": {"video": {"url": URL}}}},
        {"anything": {"video": URL}},
        [{"video": URL}],
        {"output": json.dumps({"video": URL})},
        json.dumps(json.dumps({"video": URL})),
        {"video": None, "result": {"video": URL}},
        {"videos": [{"url": URL}]},
        {"video_url": URL},
        '{"video": "https://v3.fal.media/files/a.mp4", "score": NaN, "more": [Infinity]}',
        '{"video": "https://v3.fal.media/files/a.mp4", "video": null}',
        '{"video": "x", "video": "https://v3.fal.media/files/a.mp4"}',
    ],
)
def test_an_envelope_or_a_name_like_it_hides_nothing(result: object) -> None:
    assert read(result, video=VIDEO) == FILM


def test_what_was_asked_for_is_no_envelope() -> None:
    given = {"image": "https://v3.fal.media/mine.png"}
    found = read({"input": given, "payload": {"image": URL}}, image=Media("image"))
    assert found == {"image": Remote("image", URL)}
    assert read({"input": given, "status": "x"}, image=Media("image")) == {}


def test_one_where_several_were_promised_and_the_reverse() -> None:
    one = [Remote("image", URL)]
    assert read({"images": {"url": URL}}, images=IMAGES) == {"images": one}
    assert read({"image": {"url": URL}}, images=IMAGES) == {"images": one}
    assert read({"images": [URL, URL]}, image=Media("image")) == {"image": one[0]}


def test_lists_records_and_absent_values() -> None:
    promised: dict[str, Type] = {
        "images": IMAGES,
        "thumb": Maybe(Media("image")),
        "seed": INTEGER,
        "info": Record({"mask": Field(Media("image")), "text": Field(STRING)}),
    }
    result = {"images": [{"url": URL}, {"url": URL}], "seed": 7, "info": {"mask": URL, "text": "x"}}
    found = outputs(json.dumps({**result, "extra": 1}), promised)
    remote = Remote("image", URL)
    assert found == {"images": [remote, remote], "seed": 7, "info": {"mask": remote, "text": "x"}}
    assert list(leaves(found, Remote)) == [remote] * 3


def test_one_of_several() -> None:
    either = OneOf((VIDEO, STRING))
    assert read({"x": {"url": URL}}, x=either) == {"x": Remote("video", URL)}
    assert read({"x": {"url": URL}}, x=OneOf((STRING, VIDEO))) == {"x": Remote("video", URL)}
    assert read({"x": "no url"}, x=either) == {"x": "no url"}


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"url": None},
        {"url": ""},
        {"url": 7},
        {"a": URL, "b": URL},
        [],
        7,
        "",
        {"url": "http://v3.fal.media:8080/a.mp4"},
        {"url": "https://127.0.0.1/a.mp4"},
        {"url": "https://１２７.0.0.1/a.mp4"},
        {"url": "//127.0.0.1/a.mp4"},
        {"url": "http://localhost/a.mp4"},
        {"url": "https://169.254.169.254/latest/meta-data"},
        {"url": "file:///etc/passwd"},
        {"url": "https://user:canary@v3.fal.media/a"},
        {"url": "data:nonsense"},
        {"url": "https://v3.fal.media/" + "a" * 10_000},
        {"url": "https://x:99999/a"},
        {"url": "https://[bad"},
    ],
)
def test_what_is_no_video_says_why(value: object) -> None:
    found = read({"video": value}, video=VIDEO)
    (unfit,) = leaves(found, Unfit)
    assert unfit.reason and "canary" not in unfit.reason


@pytest.mark.parametrize("result", [{}, {"Video": URL}, [], [1, 2], '"x"', "null", {"data": 3}])
def test_what_did_not_come_is_left_out(result: object) -> None:
    assert read(result, video=VIDEO) == {}


@pytest.mark.parametrize("uri", ["data:video/mp4;base64,AAAA", "DATA:image/png;base64,AAAA", "data:,x"])
def test_a_data_uri_is_a_file(uri: str) -> None:
    assert read({"video": {"url": uri}}, video=VIDEO) == {"video": Remote("video", uri)}


def test_a_trusted_server_may_serve_files() -> None:
    mine = Origin("http", "127.0.0.1", 8080)
    url = "http://127.0.0.1:8080/files/a.mp4"
    assert outputs(json.dumps({"video": url}), {"video": VIDEO}, {mine}) == {"video": Remote("video", url)}
