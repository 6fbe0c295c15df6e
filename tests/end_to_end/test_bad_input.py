"""What a person reads when keys, accounts, requests or replies are not as they should be."""

from __future__ import annotations

from typing import Any

import pytest

import callsheet
from callsheet.emulator.job import Generation
from callsheet.errors import InputError
from callsheet.nodes.queue import downloads as files

DRIFTED = """
callsheet: 1
name: drifted
nodes:
  made:
    uses: hf/Wan-AI/Wan2.1-T2V-14B@text-to-video
    with: {inputs: a storm, num_frames: 33}
outputs:
  film: ${{ made.video }}
"""
RECONCILE = "`callsheet reconcile` looks it up; nothing is sent twice meanwhile"
KEPT = (
    "`callsheet resume --fetch-only` fetches it, nothing is paid again;"
    " `callsheet reconcile 'made[\"0\"]' --lost` gives it up"
)
TEXTS = {
    "submit:http_401": (
        "rejected: the key was not accepted: Unauthorized",
        "check the key and what it may do, then run again",
    ),
    "submit:locked": (
        "rejected: the account cannot pay: User is locked. Reason: Exhausted balance. Top up your balance at"
        " fal.ai/dashboard/billing.",
        "top up the account, then run again",
    ),
    "submit:http_402": (
        "rejected: the account cannot pay: Payment required: add credits to your account",
        "top up the account, then run again",
    ),
    "submit:http_404": (
        "rejected: fal-ai/hunyuan-image/v3/text-to-image is not there (any more): Not found",
        "see `callsheet models` for what is",
    ),
    "content_policy": (
        "rejected: the provider refuses this content: prompt: The content could not be processed because it"
        " was flagged by a content checker. (content_policy_violation) (request ID)",
        "change the prompt or the media",
    ),
    "missing_output": (
        "unavailable: paid, not fetched (the result cannot be used: its output images did not come; what"
        " came: nothing) (request ID)",
        KEPT,
    ),
    "submit:html": (
        "unknown: it is unknown whether the provider took this request: the provider answered 200, but the"
        " reply is an HTML page instead of JSON",
        RECONCILE,
    ),
    "result:html": (
        "unavailable: paid, not fetched (result unreadable (text/html, 61 bytes): it is an HTML page instead"
        " of JSON) (request ID)",
        KEPT,
    ),
    "result:hostile_url,url=private": (
        "unavailable: paid, not fetched (the result cannot be used: the output images[0] is not fetched from"
        " its URL: it leads to 169.254.169.254, which is not a public address) (request ID)",
        KEPT,
    ),
    "result:hostile_url,url=https://10.0.0.1/film.mp4": (
        "unavailable: paid, not fetched (the result cannot be used: the output images[0] is not fetched from"
        " its URL: it leads to 10.0.0.1, which is not a public address) (request ID)",
        KEPT,
    ),
    "result:hostile_url,url=file": (
        "unavailable: paid, not fetched (the result cannot be used: the output images[0] is not fetched from"
        " its URL: its scheme is file, and only https is used) (request ID)",
        KEPT,
    ),
    "media:endless": (
        "unavailable: paid, not fetched (the file is larger than 1 MB) (request ID)",
        KEPT,
    ),
}


def told(project: Any) -> tuple[str, str]:
    [failure] = project.failures.values()
    ids = [generation.id for generation in project.provider.accepted]
    text = f"{failure.kind}: {failure.message}"
    for request_id in ids:
        text = text.replace(request_id, "ID")
    return text, failure.next_step


@pytest.fixture
def small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in files.CAPS:
        monkeypatch.setitem(files.CAPS, kind, files.MEGABYTE)


@pytest.mark.parametrize("fault", TEXTS)
def test_the_text(fault: str, project: Any, small_files: None) -> None:
    project.provider.fault(fault)
    project.shots("image", 1).run()
    assert told(project) == TEXTS[fault]


def test_a_reply_cannot_write_into_the_terminal(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Generation, "answer", {"\x1b[2J\u202egone": 1, "wide" * 1000: 2})
    project.shots("image", 1).run()
    text, _ = told(project)
    assert "its output images did not come; what came: [2J gone, wide" in text and len(text) < 600
    assert text.isprintable()


def test_a_schema_that_drifted(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_any")
    project.write(DRIFTED).run()
    assert told(project) == (
        "rejected: the request was refused with 422: num_frames: Input should be greater than or equal to 81"
        " (greater_than_equal)",
        "compare the parameters with the model's page",
    )


def test_a_file_of_ten_gigabytes_is_refused_before_it_comes(
    project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its length is too much; here the most is a few bytes."""
    monkeypatch.setitem(files.CAPS, "image", 10)
    project.shots("image", 1).run()
    assert told(project) == TEXTS["media:endless"]


def test_no_key(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FAL_KEY")
    with pytest.raises(InputError) as raised:
        project.shots("image", 1).run()
    assert raised.value.message == "FAL_KEY is not set, so nothing was sent"
    assert raised.value.next_step == "set FAL_KEY, or add --preview to watch it as an animatic, without a key"
    assert not project.provider.requests and not project.state.exists()


def test_no_key_at_the_command_line(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FAL_KEY")
    process = project.shots("image", 1).start()
    out, err = process.communicate(timeout=120)
    assert process.returncode == 1 and not out
    assert err == (
        "error: FAL_KEY is not set, so nothing was sent\n"
        "  help: set FAL_KEY, or add --preview to watch it as an animatic, without a key\n"
    )


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "kéy", " "])
def test_a_key_that_cannot_be_one(key: str, project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAL_KEY", key)
    if not key.strip():
        with pytest.raises(InputError, match="FAL_KEY is not set"):
            project.shots("image", 1).run()
        return
    project.shots("image", 1).run()
    text, next_step = told(project)
    assert text.startswith("rejected: FAL_KEY holds something that cannot be a key")
    assert next_step == "set FAL_KEY again, without quotes or line breaks"
    assert project.posts == 0


def test_a_server_that_is_not_there(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLSHEET_FAL_URL", "http://127.0.0.1:1")
    project.shots("image", 1).run()
    assert told(project) == (
        "unavailable: 127.0.0.1 could not be reached: the connection could not be opened",
        "check the network and run again",
    )
    monkeypatch.setenv("CALLSHEET_FAL_URL", project.provider.url)
    assert project.run().status == "done"


@pytest.mark.parametrize("url", ["http://example.com", "ftp://127.0.0.1", "http://u:p@127.0.0.1", "nothing"])
def test_a_server_that_may_not_be_used(url: str, project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLSHEET_FAL_URL", url)
    with pytest.raises(InputError, match="CALLSHEET_FAL_URL"):
        project.shots("image", 1).run()


def test_what_no_ledger_can_keep_is_refused_before_anything_is_sent(project: Any) -> None:
    """A name or a value with bytes that are not UTF-8, as the command line gives them."""
    project.shots("image", 1, extra="inputs: {hero: a keeper}")
    given = {"state": project.state, "out": project.out, "confirm": True}
    with pytest.raises(InputError, match="is not UTF-8") as caught:
        callsheet.run(project.file, sets={"hero": "a \udce4"}, **given)
    assert caught.value.next_step and str(caught.value).isascii()  # any terminal and any log can show it
    with pytest.raises(InputError, match="is not UTF-8"):
        callsheet.run(project.file, **{**given, "out": project.folder / "\udce4"})
    assert project.posts == 0
    assert callsheet.run(project.file, **given).status == "done"
