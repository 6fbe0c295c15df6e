"""What a page does is what the command of that name does: in the lock file, the notes, the pipeline."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from callsheet.emulator import Emulator
from callsheet.runtime.lock import lock_path
from tests.lock_files import read
from tests.review.conftest import FILM, Open, Page

DAWN, DUSK = 'card["dawn"]', 'card["dusk"]'


@pytest.fixture
def page(made: Path, open_page: Open) -> Page:
    return open_page()


def events(page: Page, until: str) -> list[dict[str, Any]]:
    """The events of a run, up to one of the kind `until`."""
    import http.client

    connection = http.client.HTTPConnection(page.parts.hostname, page.parts.port, timeout=20)
    connection.request("GET", f"/{page.token}/events")
    reply, found = connection.getresponse(), []
    for _ in range(10_000):
        line = reply.readline().decode()
        if line.startswith("data: "):
            found.append(json.loads(line.removeprefix("data: ")))
            if found[-1].get("event") == until:
                connection.close()
                return found
    raise AssertionError(f"{until} never came")


def test_approve_and_take_it_back(page: Page) -> None:
    assert page.shot(DAWN)["gate"] == "closed"
    seen = page.seen(DAWN)
    assert page.do("approve", addresses=[DAWN], seen=seen, note="good") == (200, {"changed": [DAWN]})
    assert page.shot(DAWN)["gate"] == "open"
    (said,) = read(lock_path(Path("film.yaml"))).block(DAWN).decisions
    assert (said.kind, said.note, said.digest) == ("approve", "good", seen[DAWN])
    assert page.do("approve", addresses=[DAWN], undo=True)[0] == 200
    assert page.shot(DAWN)["gate"] == "closed"


def test_only_what_was_seen_is_approved(page: Page) -> None:
    """A page was open while the result changed: nothing is approved that nobody saw."""
    status, told = page.do("approve", addresses=[DAWN], seen={DAWN: "0" * 64})
    assert status == 409 and "another result" in told["error"]
    for seen in ({}, {DAWN: ""}, page.seen(DUSK), "all"):
        for action in ({"note": ""}, {"why": "x"}):
            name = "reject" if "why" in action else "approve"
            status, told = page.do(name, addresses=[DAWN], seen=seen, **action)
            assert status == 409 and "has not shown" in told["error"]
    assert read(lock_path(Path("film.yaml"))).block(DAWN).decisions == ()


def test_pick_and_reject(page: Page) -> None:
    assert page.do("pick", address=DAWN, number=2)[0] == 200
    assert [take["picked"] for take in page.shot(DAWN)["takes"]] == [False, True]
    status, told = page.do("reject", addresses=[DUSK])
    assert status == 409 and told["error"] == "say why"
    assert page.do("reject", addresses=[DUSK], why="a sixth finger", seen=page.seen(DUSK))[0] == 200
    assert "a sixth finger" in page.shot(DUSK)["takes"][0]["rejected"]
    assert page.do("reject", addresses=[DUSK], undo=True)[0] == 200
    assert not page.shot(DUSK)["takes"][0]["rejected"]
    assert page.do("pick", address=DAWN, number=9)[0] == 409


def test_another_take_of_two_costs_what_was_said(page: Page, seller: Emulator) -> None:
    before = len(seller.posts)
    status, told = page.do("retake", addresses=[DAWN, DUSK])
    assert status == 200 and told["count"] == 2
    each = page.shot(DAWN)["takes"][0]["each"]
    assert told["price"]["usd"] == pytest.approx(2 * each)
    assert read(lock_path(Path("film.yaml"))).block(DAWN).takes is None  # a question changes nothing
    status, refused = page.do("retake", addresses=[DAWN, DUSK], agreed={"usd": each, "unpriced": 0})
    assert status == 409 and "was agreed to" in refused["error"]
    assert len(seller.posts) == before
    agreed = {"usd": told["price"]["usd"], "unpriced": told["price"]["unpriced"]}
    status, done = page.do("retake", addresses=[DAWN, DUSK], agreed=agreed, note="too dark")
    assert status == 200 and done["takes"] == [f"{DAWN}#3", f"{DUSK}#3"]
    finished = events(page, "run_finished")[-1]
    assert len(seller.posts) == before + 2 and finished["made"] == 2
    assert finished["usd"] == pytest.approx(told["price"]["usd"])
    assert [take["made"] for take in page.shot(DAWN)["takes"]] == [True, True, True]
    (said,) = (d for d in read(lock_path(Path("film.yaml"))).block(DAWN).decisions if d.kind == "takes")
    assert said.number == 3 and said.note == "too dark"


def test_what_is_not_bought_has_no_other_take(page: Page) -> None:
    status, told = page.do("retake", addresses=["film"])
    assert status == 409 and "would be the same" in told["error"]
    status, told = page.do("retake", addresses=['clip["dawn"]'])
    assert status == 409 and "not made yet" in told["error"]


def test_a_run_buys_no_more_than_was_agreed_to(page: Page) -> None:
    page.do("approve", addresses=[DAWN, DUSK], seen=page.seen(DAWN, DUSK))
    status, told = page.do("run")
    assert status == 200 and told["price"]["usd"] > 0 and 'clip["dawn"]' in told["reaches"]
    status, refused = page.do("run", agreed={"usd": told["price"]["usd"] - 0.01, "unpriced": 0})
    assert status == 409 and told["price"]["text"] in refused["error"]
    assert not page.shot('clip["dawn"]')["takes"][0]["made"]
    assert page.do("run", agreed={"usd": told["price"]["usd"], "unpriced": 0})[0] == 200
    assert events(page, "run_finished")[-1]["status"] == "done"
    film = page.read("film.json")
    assert [(reel["name"], reel["preview"]) for reel in film["reels"]] == [("film", False)]
    assert [shot["address"] for shot in film["reels"][0]["shots"]] == ['clip["dawn"]', 'clip["dusk"]']


@pytest.mark.usefixtures("small_previews")
def test_a_page_that_opens_late_sees_the_run_from_its_beginning(page: Page) -> None:
    assert page.do("preview")[0] == 200
    first = events(page, "run_finished")
    again = events(page, "run_finished")
    numbers = [[event["number"] for event in told if "number" in event] for told in (first, again)]
    assert again[0]["event"] == "run_started" and set(numbers[1]) <= set(numbers[0])
    assert {event["event"] for event in again} >= {"node_finished", "run_finished"}


def test_notes_are_those_of_the_command(page: Page) -> None:
    digest = page.shot(DAWN)["takes"][0]["media"][0]["digest"]
    said = {"text": "too <script>dark</script>", "shot": DAWN, "frame": 0, "frames": 1, "id": "abc1234567"}
    assert page.do("note", **said, drawing={"strokes": []})[0] == 200
    assert page.do("note", **said)[0] == 200  # sent twice, it is one note
    (note,) = page.read("notes.json")["notes"]
    assert note["digest"] == digest and note["text"] == said["text"] and note["status"] == "open"
    assert page.do("reply", id="abc1234567", text="yes")[0] == 200
    assert page.do("close", id="abc1234567")[0] == 200
    (note,) = page.read("notes.json")["notes"]
    assert note["status"] == "done" and note["replies"][0]["text"] == "yes"
    page.do("pick", address=DAWN, number=2)
    assert page.read("notes.json")["notes"][0]["stale"] == "on take 1; take 2 counts"
    assert page.do("note", text="x", shot="nowhere")[0] == 409
    assert page.do("note", text="to the end", frame=0, frames=10**12)[1]["note"]["frames"] == 10**8


def test_a_note_that_its_file_could_not_hold_is_refused(page: Page) -> None:
    huge = {"strokes": [{"points": [[0.1234, 0.1234]] * 60_000}]}
    nested: Any = 0.5
    for _ in range(200):
        nested = [nested]
    for drawing in (huge, {"strokes": [float("nan")]}, float("inf"), nested):
        assert page.do("note", text="x", drawing=drawing)[0] == 413
    for name in ("a", "x" * 41, "a b c d e f", "../../../etc"):
        assert page.do("note", text="x", id=name)[0] == 400
    assert not Path("film.notes.jsonl").exists()


def test_a_text_is_changed_where_it_is_written(page: Page) -> None:
    old = "the sea at ${{ shot }}, ${{ inputs.look }}"
    asked = {"node": "card", "parameter": "prompt"}
    assert page.do("text", **asked) == (200, {"text": old})
    new = "the calm sea at ${{ shot }}"
    status, told = page.do("reword", **asked, before=old, text=new)
    assert status == 200 and told["price"]["usd"] > 0 and f"+      prompt: {new}" in told["diff"]
    assert Path("film.yaml").read_text() == FILM.replace(old, new)
    status, told = page.do("reword", **asked, before=old, text="again")
    assert status == 409 and "changed meanwhile" in told["error"]
    status, told = page.do("reword", **asked, before=new, text="at ${{ nothing }}")
    assert status == 409 and "nothing" in told["error"]
    assert Path("film.yaml").read_text() == FILM.replace(old, new)


def test_two_pages_decide_at_once_and_both_count(made: Path, open_page: Open) -> None:
    pages = [open_page(), open_page()]
    addresses = [DAWN, DUSK]
    seen = pages[0].seen(*addresses)
    asked = [{"addresses": [address], "seen": {address: seen[address]}} for address in addresses]
    threads = [
        threading.Thread(target=page.do, args=("approve",), kwargs=given)
        for page, given in zip(pages, asked, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lock = read(lock_path(made))
    assert all(lock.block(address).approved for address in addresses)


def test_media_come_in_ranges_from_the_store(page: Page) -> None:
    medium = page.shot(DAWN)["takes"][0]["media"][0]
    whole = page.ask(f"media/{medium['digest']}")[2]
    status, headers, part = page.ask(f"media/{medium['digest']}", Range="bytes=2-5")
    assert (status, part) == (206, whole[2:6]) and headers["content-range"] == f"bytes 2-5/{len(whole)}"
    assert page.ask(f"media/{medium['digest']}", Range="bytes=-3")[2] == whole[-3:]
    assert page.ask(f"media/{medium['digest']}", Range=f"bytes={len(whole)}-")[0] == 416
    assert page.ask(f"media/{medium['digest']}", Range="bytes=a-b")[0] == 200
    assert page.ask(f"media/{medium['digest']}", "HEAD")[1]["content-length"] == str(len(whole))


def test_a_file_that_is_gone_is_said(page: Page) -> None:
    medium = page.shot(DAWN)["takes"][0]["media"][0]
    for path in Path(".callsheet/blobs").glob(f"*/{medium['digest'][2:]}.*"):
        path.unlink()
    status, _, told = page.ask(f"media/{medium['digest']}")
    assert status == 404 and b"not on this machine" in told


def test_a_stored_file_that_is_a_link_or_a_pipe_is_not_sent(page: Page, tmp_path_factory: Any) -> None:
    """A project may have come from somebody else, with its state folder."""
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.png"
    secret.write_text("secret")
    medium = page.shot(DAWN)["takes"][0]["media"][0]
    (path,) = Path(".callsheet/blobs").glob(f"*/{medium['digest'][2:]}.*")
    path.unlink()
    path.symlink_to(secret)
    status, _, told = page.ask(f"media/{medium['digest']}")
    assert status == 409 and b"outside the project" in told
    path.unlink()
    os.mkfifo(path)
    assert page.ask(f"media/{medium['digest']}")[0] == 404 and page.ask("film.json")[0] == 200


def test_a_pipeline_that_is_broken_meanwhile_is_said(page: Page) -> None:
    Path("film.yaml").write_text("callsheet: 1\nname: [")
    status, _, told = page.ask("film.json")
    assert status == 409 and b"film.yaml:" in told
    assert page.ask("notes.json")[0] == 200
    Path("film.yaml").write_text(FILM)
    assert page.ask("film.json")[0] == 200


def test_what_was_renamed_keeps_its_decisions_beside_a_preview(page: Page) -> None:
    """The lock file still has the old names; a preview has no lock file at all."""
    page.do("pick", address=DAWN, number=2)
    Path(".callsheet/preview").mkdir(exist_ok=True)
    Path("film.yaml").write_text(FILM.replace("card", "frame"))
    assert page.ask("film.json")[0] == 200
    assert [take["picked"] for take in page.shot('frame["dawn"]')["takes"]] == [False, True]


def test_what_changes_on_the_disk_is_told(page: Page) -> None:
    found: list[Any] = []

    def listen() -> None:
        import http.client

        connection = http.client.HTTPConnection(page.parts.hostname, page.parts.port, timeout=30)
        connection.request("GET", f"/{page.token}/events")
        reply = connection.getresponse()
        ready.set()
        while not found:
            if reply.readline().decode().startswith("event: changed"):
                found.append(json.loads(reply.readline().decode().removeprefix("data: ")))

    ready = threading.Event()
    thread = threading.Thread(target=listen)
    thread.start()
    ready.wait(10)
    Path("film.yaml").write_text(FILM + "# another line\n")
    thread.join(20)
    assert "pipeline" in found[0]["files"]


def test_a_run_of_another_terminal_is_told(coast: Path, open_page: Open) -> None:
    page = open_page()
    words = [sys.executable, "-m", "callsheet", "run", "film.yaml", "--preview", "--output", "quiet"]
    words += ["--only", DAWN]
    with subprocess.Popen(words) as other:
        told = events(page, "run_finished")
        assert other.wait(60) == 0
    runs = [event for event in told if "run" in event]
    assert runs[0]["event"] == "run_started" and runs[0]["mode"] == "preview"
    assert sum(event["event"] == "node_finished" for event in runs) == runs[0]["total"]
    assert not list(Path(".callsheet/live").iterdir())


def test_the_report_of_now_is_a_part_of_it(page: Page) -> None:
    status, headers, body = page.ask("report")
    medium = page.shot(DAWN)["takes"][0]["media"][0]
    assert status == 200 and headers["x-frame-options"] == "DENY" and b"Content-Security-Policy" in body
    assert f"media/{medium['digest']}".encode() in body
