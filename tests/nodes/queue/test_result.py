"""Results: what was promised is read, what is missing or suspicious is said."""

from __future__ import annotations

import json

import pytest

from callsheet.nodes.queue.protocol import QueueError, Remote
from callsheet.nodes.queue.result import outputs
from callsheet.spec.types import INTEGER, STRING, Field, ListOf, Maybe, Media, OneOf, Record, Type
from callsheet.spec.values import leaves
from callsheet.spec.web_origin import Origin

URL = "https://v3.fal.media/files/a.mp4"
VIDEO = Media("video")


def read(result: object, **promised: Type) -> dict[str, object]:
    return outputs(json.dumps(result), promised, "req-1")


def test_media_come_as_objects_or_as_plain_urls() -> None:
    assert read({"video": {"url": URL, "content_type": "video/mp4"}}, video=VIDEO) == {
        "video": Remote("video", URL)
    }
    assert read({"video": URL}, video=VIDEO) == {"video": Remote("video", URL)}
    assert read({"video": {"url": URL, "content_type": "application/octet-stream"}}, video=VIDEO)


def test_lists_records_and_absent_values() -> None:
    promised: dict[str, Type] = {
        "images": ListOf(Media("image")),
        "thumb": Maybe(Media("image")),
        "seed": INTEGER,
        "info": Record({"mask": Field(Media("image")), "text": Field(STRING)}),
    }
    result = {
        "images": [{"url": URL}, {"url": URL}],
        "thumb": None,
        "seed": 7,
        "info": {"mask": URL, "text": "x"},
    }
    found = outputs(json.dumps({**result, "extra": 1}), promised, "req-1")
    remote = Remote("image", URL)
    assert found == {"images": [remote, remote], "seed": 7, "info": {"mask": remote, "text": "x"}}
    assert list(leaves(found, Remote)) == [remote] * 3


def test_one_of_several() -> None:
    either = OneOf((VIDEO, STRING))
    assert read({"x": {"url": URL}}, x=either) == {"x": Remote("video", URL)}
    assert read({"x": "no url"}, x=either) == {"x": "no url"}


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        {"url": None},
        {"url": ""},
        [],
        7,
        {"url": URL, "content_type": "image/png"},
        {"url": URL, "content_type": "text/html"},
        {"url": "http://v3.fal.media/a.mp4"},
        {"url": "https://127.0.0.1/a.mp4"},
        {"url": "https://169.254.169.254/latest/meta-data"},
        {"url": "file:///etc/passwd"},
        {"url": "https://user:canary@v3.fal.media/a"},
        {"url": "data:image/png;base64,AAAA"},
        {"url": "data:nonsense"},
        {"url": "https://v3.fal.media/" + "a" * 10_000},
    ],
)
def test_what_is_no_video_is_said_with_the_request(value: object) -> None:
    with pytest.raises(QueueError, match=r"video.*req-1") as caught:
        read({"video": value}, video=VIDEO)
    assert caught.value.kind == "failed"
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("result", [{}, {"Video": URL}, [], "x", None])
def test_a_promised_field_that_is_missing_names_what_came(result: object) -> None:
    with pytest.raises(QueueError, match=r"video is missing; what came: .* \(request req-1\)"):
        read(result, video=VIDEO)


def test_a_data_uri_of_the_right_kind_is_a_file() -> None:
    uri = "data:video/mp4;base64,AAAA"
    assert read({"video": {"url": uri}}, video=VIDEO) == {"video": Remote("video", uri)}


def test_a_trusted_server_may_serve_files() -> None:
    mine = Origin("http", "127.0.0.1", 8080)
    url = "http://127.0.0.1:8080/files/a.mp4"
    assert outputs(json.dumps({"video": url}), {"video": VIDEO}, "r", {mine}) == {
        "video": Remote("video", url)
    }
