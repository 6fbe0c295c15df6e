"""Secrets are planted, runs of every sort are made, and then every byte that was written is searched."""

from __future__ import annotations

import base64
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from callsheet.emulator.faults import break_reply as mischief
from callsheet.emulator.job import Generation
from callsheet.runtime.grants import Grants, Need

FAL = "fal-id:planted/f1a9+7c33=e0d4"
TOKEN = "hf_planted&5e21%b8"
PARAMETER = 'planted "parameter" ü/9d4c'
PLANTED = {"FAL_KEY": FAL, "HF_TOKEN": TOKEN, "STYLE": PARAMETER}
BYOK = "fal-ai/gpt-image-1/text-to-image/byok"
FILM = """
callsheet: 1
name: film
axes:
  shot: {over: "${{ range(3) }}"}
nodes:
  still:
    each: shot
    uses: fal-ai/gpt-image-1/text-to-image/byok
    with:
      prompt: "a lighthouse ${{ shot }}"
      openai_api_key: {secret: STYLE}
  clip:
    uses: hf/Wan-AI/Wan2.1-T2V-14B@text-to-video
    with: {inputs: a storm, seed: 4}
  film:
    uses: media/trim
    with: {video: "${{ clip.video }}", end: 0.5}
outputs:
  stills: ${{ still.images }}
  film: ${{ film.video }}
"""
FAULTS = (
    "",
    "submit:lost_reply",
    "submit:http_401",
    "submit:http_422",
    "submit:invalid_json",
    "submit:redirect",
    "submit:hostile_url,url=other_host",
    "content_policy",
    "model_error",
    "status:http_401",
    "status:hostile_url",
    "result:hostile_url,url=private",
    "media:redirect",
    "media:html",
)


@pytest.fixture
def film(project: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    for variable, value in PLANTED.items():
        monkeypatch.setenv(variable, value)
    for root in (project.folder, Path()):
        Grants(root).remember([Need("secret", "STYLE", BYOK, "fal")])
    return project.write(FILM)


def shapes(secret: str) -> Iterator[bytes]:
    """A secret as it may be written: plain, in JSON, in a URL, in hex, in base64 at each of three offsets."""
    plain = secret.encode()
    yield from (plain, json.dumps(secret)[1:-1].encode(), repr(secret)[1:-1].encode())
    yield from (quote(secret).encode(), quote(secret, safe="").encode(), quote_plus(secret).encode())
    yield from (plain.hex().encode(), secret.encode("utf-16-le"))
    for offset in range(3):
        coded = base64.b64encode(b"\0" * offset + plain)
        part = coded[4 if offset else 0 : -4]
        yield from (part, part.translate(bytes.maketrans(b"+/", b"-_")))


NEEDLES = {(name, needle) for name, secret in PLANTED.items() for needle in shapes(secret)}
HALVES = {(name, needle) for name in ("FAL_KEY",) for half in FAL.split(":") for needle in shapes(half)}


def found(data: bytes, where: object) -> list[str]:
    return [f"{name} in {where} as {n!r}" for name, n in NEEDLES | HALVES if len(n) > 8 and n in data]


def leaks(folder: Path) -> list[str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert any(path.name == "ledger.db" for path in files)
    names = [leak for path in files for leak in found(str(path).encode(), "a name")]
    return names + [leak for path in files for leak in found(path.read_bytes(), path)]


def test_the_search_finds(tmp_path: Path) -> None:
    """A search that finds nothing anywhere would prove nothing."""
    for secret in PLANTED.values():
        for text in (secret, json.dumps({"a": secret}), base64.b64encode(b"xy " + secret.encode()).decode()):
            assert found(b"... " + text.encode() + b" ...", "here")


def test_the_provider_gets_them(film: Any) -> None:
    assert film.run().status == "done", film.failures
    stills = [post.body for post in film.provider.posts if post.endpoint.startswith("fal-ai/gpt")]
    assert [body["openai_api_key"] for body in stills] == [PARAMETER] * 3
    assert all(post.authorized for post in film.provider.posts)


@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_is_written_in_process(fault: str, film: Any, capfd: pytest.CaptureFixture[str]) -> None:
    if fault:
        film.provider.fault(fault)
    result = film.run()
    assert (result.status == "done") == (
        fault in ("", "submit:hostile_url,url=other_host", "status:hostile_url")
    )
    told = "\n".join(map(repr, [*film.events, result, result.error]))
    out, err = capfd.readouterr()
    assert not [*found(told.encode(), "the events"), *found((out + err).encode(), "the output")]
    assert not leaks(film.folder)


@pytest.mark.parametrize(
    "fault", ["", "content_policy", "http_422", "http_401", "http_503", "result:http_500"]
)
def test_nothing_that_the_provider_repeats_is_written(
    fault: str, film: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Models return their parameters, errors quote what was wrong, and a hostile one quotes the key."""
    secrets = {"fal-ai/gpt-image-1/text-to-image/byok": f"{FAL} {quote(FAL)} {PARAMETER}"}
    answer = Generation.answer.fget

    def repeating(generation: Generation) -> object:
        said, repeated = answer(generation), secrets.get(generation.endpoint, TOKEN)
        if "detail" in said:
            return {"detail": [{"loc": ["body"], "msg": repeated, "type": "content_policy_violation"}]}
        return {**said, "prompt": repeated, "url": f"https://fal.media/x?key={repeated}"}

    monkeypatch.setattr(Generation, "answer", property(repeating))
    for status in (401, 422, 500, 503):
        monkeypatch.setitem(mischief.DETAILS, status, *secrets.values())
    if fault:
        film.provider.fault(f"{fault},endpoint=fal-ai/gpt*")
    film.run()
    told = film.events
    film.run()
    assert not found("\n".join(map(repr, [*told, *film.events])).encode(), "the events")
    assert not leaks(film.folder)


@pytest.mark.parametrize(
    "options", [("--output", "json"), ("--output", "plain"), ("--preview",)], ids=lambda o: o[-1]
)
def test_nothing_is_written_by_a_process(options: tuple[str, ...], film: Any) -> None:
    film.provider.fault("http_422", nth=2)
    process = film.start(*options)
    out, err = process.communicate(timeout=120)
    assert process.returncode == (0 if "--preview" in options else 1), err
    assert not found((out + err).encode(), "the output")
    if "--preview" not in options:
        assert not leaks(film.folder)


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("name", ["call.after_sending", "call.after_reply", "call.after_result"])
def test_nothing_is_left_by_a_killed_process(name: str, film: Any) -> None:
    process = film.start("--output", "json", failpoint=name)
    out, err = process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL
    assert not found((out + err).encode(), "the output")
    assert not leaks(film.folder)


def test_none_that_reaches_another_host(film: Any) -> None:
    """The key goes with the provider's own calls, and never with a file from wherever it is."""
    film.run()
    assert not any(entry.authorized for entry in film.provider.requests if entry.place == "media")


def test_a_secret_that_is_not_set(film: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STYLE")
    film.run()
    failure = film.failures['still["0"]']
    assert failure.kind == "rejected" and "STYLE is not set" in failure.message
    assert not any(post.endpoint.startswith("fal-ai/gpt") for post in film.provider.posts)
