"""Every fault, for images and videos, alone and in a fan-out of twenty: how each instance ends, how often
it is paid for, and what a second run makes of it once the fault is over."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any, Literal

import pytest

from callsheet.nodes.queue import downloads as files
from callsheet.runtime.calls.breaker import Breaker

MANY = 20
MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Row:
    """A fault and what must come of it.

    ends: "done", or the kind of the failure. posts: paid POSTs for each instance that it hits. hits: one
    instance, or all. later: posts that each needs in a second run, without the fault. stays: it ends like
    that then, too. says: words that the message of the failure holds. only: for images, or videos.
    """

    fault: str
    ends: str
    posts: int = 1
    hits: Literal["one", "all"] = "one"
    later: int = 0
    says: str = ""
    stays: bool = False
    only: str = ""


UNKNOWN = "it is unknown whether the provider took this request"
SUBMIT = (
    Row("reset", "unknown", says="then the connection broke"),
    Row("lost_reply", "unknown", says=UNKNOWN),
    Row("slow_reply,seconds=20", "unknown", says="no reply came in time"),
    Row("slow_headers,seconds=20", "unknown", says="no reply came in time"),
    Row("nginx_502", "unknown", says="502"),
    Row("http_500", "unknown", says="500"),
    Row("http_503", "unknown", says="503"),
    Row("http_408", "unknown", says="408"),
    Row("invalid_json", "unknown", says="is not JSON"),
    Row("empty", "unknown", says="is empty"),
    Row("truncated_json", "unknown", says="is not JSON"),
    Row("wrong_type", "unknown", says="not an object"),
    Row("no_id", "unknown", says="no usable request id"),
    Row("endless", "unknown", says="is larger than"),
    Row("gzip_bomb", "unknown", says="but the reply"),
    Row("submit:html", "unknown", says="an HTML page instead of JSON"),
    Row("http_429,retry_after=1", "done", posts=2),
    Row("http_422", "rejected", later=1, says="422"),
    Row("http_404", "rejected", later=1, says="is not there"),
    Row("redirect", "unknown", says="never followed"),
    Row("hostile_url,url=other_host", "done"),
    Row("hostile_url,url=private", "done"),
    Row("hostile_url,url=file", "done"),
    Row("hostile_url,url=userinfo", "done"),
)
FATE = (
    Row("content_policy", "rejected", later=1, says="refuses this content"),
    Row("model_error", "failed", later=1, says="the model failed"),
    Row("timeout", "unavailable", later=1, says="timed out"),
    Row("missing_output", "unavailable", says="did not come", stays=True),
)
PASSING = (
    Row("status:http_503,times=2", "done"),
    Row("status:http_500,times=2", "done"),
    Row("status:http_429,times=2,retry_after=1", "done"),
    Row("status:nginx_502,times=2", "done"),
    Row("status:invalid_json,times=2", "done"),
    Row("status:truncated_json,times=2", "done"),
    Row("status:empty,times=2", "done"),
    Row("status:lost_reply,times=2", "done"),
    Row("status:slow_reply,seconds=20,times=1", "done"),
    Row("status:backwards,times=2", "done"),
    Row("status:unknown_status,times=2", "done"),
    Row("status:http_404,times=2", "done"),
    Row("status:http_401,times=2", "done"),
    Row("status:hostile_url", "done"),
    Row("result:http_401,times=1", "done"),
    Row("result:nginx_502,times=2", "done"),
    Row("result:invalid_json,times=2", "done"),
    Row("result:truncated_json,times=2", "done"),
    Row("result:empty,times=2", "done"),
    Row("result:lost_reply,times=2", "done"),
    Row("result:gone,times=2", "done"),
    Row("media:http_503,times=2", "done"),
    Row("media:http_404,times=1", "done"),
    Row("media:truncated,times=2", "done"),
    Row("media:wrong_length,times=2", "done"),
    Row("media:html,times=1", "done"),
    Row("media:lost_reply,times=2", "done"),
)
LASTING = (
    Row("status:http_503", "unavailable", hits="all", says="503"),
    Row("status:http_401", "rejected", hits="all", says="the key was not accepted"),
    Row("result:nginx_502", "unavailable", hits="all", says="502"),
    Row("result:invalid_json", "unavailable", hits="all", says="is not JSON"),
    Row("result:http_500", "failed", hits="all", later=1, says="the model failed"),
    Row("result:gone", "unavailable", hits="all", says="does not find request"),
    Row("result:hostile_url,url=private", "unavailable", hits="all", says="is not a public address"),
    Row("result:hostile_url,url=file", "unavailable", hits="all", says="its scheme is file"),
    Row("result:hostile_url,url=userinfo", "unavailable", hits="all", says="user name or password"),
    Row("media:http_503", "unavailable", hits="all", says="503 from the file's host"),
    Row("media:http_404", "unavailable", hits="all", says="404 from the file's host"),
    Row("media:html", "unavailable", hits="all", says="a web page came"),
    Row("media:truncated", "unavailable", hits="all", says="the file breaks off"),
    Row("media:wrong_length", "unavailable", hits="all", says="the file"),
    Row("media:redirect", "unavailable", hits="all", says="only https"),
    Row("media:endless", "unavailable", hits="all", says="is larger than 1 MB"),
    Row("media:gzip_bomb", "unavailable", hits="all", says="is larger than 1 MB when unpacked"),
)
FORMS = ("no_field", "null_field", "odd_field", "nan", "one_for_many", "bare_urls", "raw_urls", "envelope")
TEXTS = ("list", "text", "bom", "utf16", "latin", "doubled", "guarded", "more")
PACKED = ("gzip", "x-gzip", "deflate", "raw-deflate", "not-packed", "identity")
ODD = (
    *(Row(f"result:odd_result,how={how}", "done", hits="all") for how in (*FORMS, *TEXTS)),
    *(Row(f"media:packed,how={how}", "done", hits="all") for how in PACKED),
    Row("media:part,how=whole", "done", hits="all"),
    Row("media:unmeasured", "done", hits="all"),
    Row("result:odd_result,how=no_media", "unavailable", hits="all", says="did not come"),
    Row("result:odd_result,how=null_media", "unavailable", hits="all", says="cannot be used"),
    Row("result:odd_result,how=other_id", "unavailable", hits="all", says="is of request"),
    Row("result:odd_result,how=empty_list", "failed", hits="all", later=1, says="empty", only="image"),
    Row("result:odd_result,how=flagged", "rejected", hits="all", later=1, only="image"),
    Row("media:packed,how=br", "unavailable", hits="all", says="is packed with br"),
    Row("media:packed,how=unknown", "unavailable", hits="all", says="the file"),
    Row("media:part", "unavailable", hits="all", says="a part of the file came (206)"),
    Row("media:other_medium", "unavailable", hits="all", says="the file"),
)
ROWS = (*SUBMIT, *FATE, *PASSING, *LASTING, *ODD)


KINDS = ("image", "video")
STATUSES = [status for status in range(100, 1000) if status not in (200, 201, 203)]
FEW = 16
CASES = [(row, k, count) for row in ROWS for k in KINDS for count in (1, MANY) if row.only in ("", k)]
ROTATION = ((0, 3), (1, 2))
"""In the short form: an image alone and videos in a fan-out, or the reverse, by turns."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Half of the cases, odd results one at a time, and a few statuses by a seed; with --long all."""
    long = metafunc.config.getoption("--long")
    if "status" in metafunc.fixturenames:
        codes = STATUSES if long else Random(7).sample(STATUSES, FEW)
        metafunc.parametrize(("place", "status"), [(p, c) for c in codes for p in ("media", "result")])
    turn = [case for i, case in enumerate(CASES) if long or i % 4 in ROTATION[i // 4 % 2]]
    chosen = [case for case in turn if long or case[2] == 1 or case[0] not in ODD]
    if "row" in metafunc.fixturenames:
        ids = [f"{row.fault}-{kind}-{count}" for row, kind, count in chosen]
        metafunc.parametrize(("row", "kind", "count"), chosen, ids=ids)


@pytest.fixture(autouse=True)
def bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file may have a megabyte, so that nobody has to receive gigabytes; twenty equal failures in a row
    do not stop the sending, which is a subject of its own."""
    for kind in files.CAPS:
        monkeypatch.setitem(files.CAPS, kind, MEGABYTE)
    monkeypatch.setattr("callsheet.runtime.calls.buyer.Breaker", partial(Breaker, most=2 * MANY))


def test_fault(row: Row, kind: str, count: int, project: Any, request: pytest.FixtureRequest) -> None:
    if "slow" in row.fault:
        request.getfixturevalue("brief")
    project.shots(kind, count)
    project.provider.fault(armed(row, count))
    hit = count if row.hits == "all" else 1

    result = project.run()

    assert project.kinds == Counter({row.ends: hit}) + Counter({"done": count - hit})
    assert project.posts == count - hit + hit * row.posts
    assert all(n == 1 for n in project.accepted.values())
    assert result.exit_code == (0 if row.ends == "done" else 1)
    for failure in project.failures.values():
        assert row.says in failure.message
        assert failure.next_step

    project.heal()
    project.run()

    left = hit if row.stays or row.ends == "unknown" else 0
    assert project.kinds == Counter({"done": count - left}) + Counter({row.ends: left})
    assert project.posts == count - hit + hit * (row.posts + row.later)


def test_one_that_never_ends_is_left_when_its_time_is_over(project: Any) -> None:
    """What is paid for is asked for again by each run, and not bought again."""
    project.provider.fault("stuck")
    project.shots("video", 1)
    project.write(project.file.read_text().replace("each: shot\n", "each: shot\n    timeout: 0.3\n"))
    for _ in range(2):
        project.run()
        assert project.kinds == {"failed": 1} and project.posts == 1
        failure = project.failures['made["0"]']
        assert "not done within its timeout of 0.3 s" in failure.message
        assert "fetched, not paid again" in failure.next_step


def test_any_status_for_a_while_and_for_long(place: str, status: int, project: Any) -> None:
    """Nothing that the file host says ends a paid request; of a result, only what can be the provider's word
    about it does."""
    may_fail = place == "result" and 400 <= status < 600
    project.shots("image", 1)
    project.provider.fault(f"{place}:http_{status}", times=1)
    project.run()
    assert project.posts == 1
    assert project.kinds == {"done": 1} or (may_fail and set(project.kinds) <= {"failed", "rejected"})

    project.heal()
    project.shots("video", 1)
    project.provider.fault(f"{place}:http_{status}")
    project.run()
    assert project.posts == 2
    failed = set(project.kinds) <= {"failed", "rejected"}
    assert project.kinds == {"unavailable": 1} or (may_fail and failed)
    project.heal()
    project.run()
    assert project.kinds == {"done": 1}
    assert project.posts == 2 + failed


@pytest.mark.parametrize("seconds", [-86400, 86400])
def test_a_provider_whose_clock_is_wrong(seconds: int, project: Any) -> None:
    project.provider.fault("clock_skew", seconds=seconds)
    assert project.shots("video", 3).run().status == "done"
    assert project.posts == 3


def armed(row: Row, count: int) -> str:
    """The fault, so that it hits one call of the seventh of many, or all."""
    text = row.fault if ":" in row.fault else f"submit:{row.fault}"
    if row.hits == "all" or "times=" in text:
        return text
    return f"{text},nth={min(count, 7)}"
