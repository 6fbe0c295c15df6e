"""Nodes that ask a service: their keys, their previews, and what they cost."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from tests.nodes.plugins.site import Site

KEY = "planted-aqua-key-1a2b3c4d5e"
NODES = '''
"""Nodes of a service."""
import os
import pathlib
import time
from typing import Annotated

from annotated_types import Ge, Interval, Lt, MinLen
from callsheet.plugin import File, Image, ModelFailed, NodeError, NotAccepted, Work, node

CALLS = pathlib.Path("calls")


def called(work, what=""):
    with CALLS.open("a") as calls:
        calls.write(f"{work.preview} {what}\\n")


@node(keys=("AQUA_KEY",))
def caption(title: str, work: Work, api_key: str = "") -> str:
    """Writes a caption."""
    called(work, f"{len(work.keys)} {api_key == os.environ.get('AQUA_KEY')}")
    if title == "refuse":
        key = work.keys["AQUA_KEY"]
        raise NodeError(f"401: bad key Bearer {key}", "rejected", f"see {key}")
    if title == "break":
        raise ValueError(f"bad key {work.keys['AQUA_KEY']} in {work}")
    return f"{title} {work.keys['AQUA_KEY']}"


@node(keys=("AQUA_KEY",))
def named(title: str, work: Work) -> dict[str, str]:
    return {work.keys["AQUA_KEY"]: title}


def instead(title: str, seconds: Annotated[float, Ge(0)] = 1.0) -> str:
    return f"stand-in of {title}"


@node(keys=("AQUA_KEY",), preview=instead)
def shown(title: str, seconds: Annotated[float, Ge(0), Lt(5)] = 1.0) -> str:
    return f"real {title}"


def plain(
    title: Annotated[str, MinLen(2)], work: Work, share: Annotated[float, Interval(gt=0, lt=1)] = 0.5
) -> str:
    called(work)
    return title


def echo(title: str) -> str:
    return title


@node(price=0.04, keys=("AQUA_KEY",))
def paint(title: str, work: Work, plate: Image | None = None) -> Image:
    """Paints a picture, for 4 cents."""
    called(work, work.address)
    if title == "full":
        raise NotAccepted(f"no room for {work.keys['AQUA_KEY']}", "rejected", "come back")
    if title == "lost":
        raise TimeoutError("no reply")
    if title == "failed":
        raise ModelFailed("the brush broke", "failed", "again")
    if title == "kill":
        os.kill(os.getpid(), 9)
    from PIL import Image as Pictures
    size = (plate.facts.width, 10) if plate else (20, 10)
    Pictures.new("RGB", size, "teal").save(work.folder / "made.png")
    return Image(work.folder / "made.png")


def other(title: str) -> str:
    return title


@node(preview=other)
def unlike(name: str) -> str:
    return name


@node(price=-1)
def negative(title: str) -> str:
    return title


@node(keys=("not a name",))
def misnamed(title: str) -> str:
    return title
'''


@pytest.fixture
def site(tmp_path: Path) -> Site:
    from PIL import Image

    site = Site(tmp_path)
    files = {"aqua/__init__.py": "", "aqua/nodes.py": NODES}
    site.install("aqua-callsheet", files, "[callsheet.nodes]\naqua = aqua.nodes\n")
    Image.new("RGB", (96, 54), "navy").save(site.project / "photo.png")
    (site.project / "callsheet.toml").write_text("")
    return site


def calls(site: Site) -> list[str]:
    path = site.project / "calls"
    return path.read_text().splitlines() if path.exists() else []


def states(site: Site) -> list[str]:
    with sqlite3.connect(site.project / ".callsheet/ledger.db") as ledger:
        return [state for (state,) in ledger.execute("SELECT state FROM attempts ORDER BY id")]


def everything(site: Site) -> bytes:
    """All files that callsheet wrote."""
    paths = [p for p in site.project.rglob("*") if p.is_file()]
    return b"".join(p.read_bytes() for p in paths)


def test_a_missing_key_is_told_before_anything_is_called(site: Site) -> None:
    site.film("aqua/caption")
    ran = site.callsheet("run", "film.yaml")
    assert ran.returncode == 1 and "AQUA_KEY is not set, so nothing was sent" in ran.stderr
    assert not calls(site)


@pytest.mark.parametrize("title", ["refuse", "break", "dawn"])
def test_a_key_is_shown_nowhere(site: Site, title: str) -> None:
    site.film("aqua/caption", f"{{title: {title}}}")
    ran = site.callsheet("run", "film.yaml", "--output", "json", AQUA_KEY=KEY)
    assert "***" in ran.stdout
    shown = site.callsheet("models", "show", "aqua/caption", AQUA_KEY=KEY)
    assert "needs   AQUA_KEY" in shown.stdout and "Writes a caption." in shown.stdout
    assert KEY not in ran.stdout + ran.stderr + shown.stdout
    assert KEY.encode() not in everything(site)


def test_a_key_is_no_name_in_a_result(site: Site) -> None:
    site.film("aqua/named", output="value")
    ran = site.callsheet("run", "film.yaml", AQUA_KEY=KEY)
    assert ran.returncode == 0 and KEY not in ran.stdout + ran.stderr
    assert KEY.encode() not in everything(site)


def test_a_secret_parameter_is_its_value_and_needs_a_word(site: Site) -> None:
    site.film("aqua/caption", "{title: dawn, api_key: {secret: AQUA_KEY}}")
    refused = site.callsheet("run", "film.yaml", AQUA_KEY=KEY)
    assert refused.returncode == 1 and "nobody has granted that" in refused.stderr and not calls(site)
    ran = site.callsheet("run", "film.yaml", "--secret", "AQUA_KEY", AQUA_KEY=KEY)
    assert ran.returncode == 0, ran.stderr
    assert calls(site) == ["False 1 True"]
    assert KEY.encode() not in everything(site)


def test_a_preview_calls_no_service(site: Site) -> None:
    site.film("aqua/caption")
    ran = site.callsheet("run", "film.yaml", "--preview", "--output", "plain")
    assert ran.returncode == 0 and not calls(site), ran.stderr
    assert "aqua/caption has a key, so this preview did not call it" in ran.stdout + ran.stderr
    site.film("aqua/shown")
    ran = site.callsheet("run", "film.yaml", "--preview", "--output", "plain")
    assert ran.stdout.endswith("made: stand-in of dawn\n")
    site.film("aqua/plain")
    ran = site.callsheet("run", "film.yaml", "--preview", "--output", "plain")
    assert calls(site) == ["True "] and "stand-ins" not in ran.stdout + ran.stderr


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ("{title: dawn, share: 0}", "0 is outside the range more than 0 and less than 1"),
        ("{title: dawn, share: 1.0}", "1.0 is outside"),
        ("{title: d}", "1 characters; at least 2 needed"),
    ],
)
def test_bounds_hold_in_a_check(site: Site, params: str, said: str) -> None:
    site.film("aqua/plain", params)
    checked = site.callsheet("check", "film.yaml")
    assert checked.returncode == 1 and said in checked.stderr


def test_bounds_hold_for_what_another_node_made(site: Site) -> None:
    site.film("aqua/plain", '{title: "${{ first.text }}"}')
    film = site.project / "film.yaml"
    first = "nodes:\n  first:\n    uses: aqua/echo\n    with: {title: d}"
    film.write_text(film.read_text().replace("nodes:", first))
    ran = site.callsheet("run", "film.yaml")
    assert ran.returncode == 1 and not calls(site)
    assert "the parameter title of aqua/plain: 1 characters; at least 2 needed" in ran.stderr


def test_a_node_that_costs_money_is_bought_once(site: Site) -> None:
    site.film("aqua/paint", '{title: dawn, plate: "${{ inputs.photo }}"}', "image")
    assert "$0.04" in site.callsheet("plan", "film.yaml").stdout
    poor = site.callsheet("run", "film.yaml", "--budget", "0.03", AQUA_KEY=KEY)
    assert poor.returncode == 1 and not calls(site)
    assert "AQUA_KEY is not set" in site.callsheet("run", "film.yaml", "--yes").stderr
    for words in ("1 made", "1 reused"):
        ran = site.callsheet("run", "film.yaml", "--yes", "--output", "plain", AQUA_KEY=KEY)
        assert words in ran.stdout, ran.stderr
    assert calls(site) == ["False made"] and states(site) == ["COMMITTED"]
    assert (site.project / "out/film/made.png").exists()
    nodes = site.folder / "aqua/nodes.py"
    nodes.write_text(nodes.read_text() + "# another release\n")
    assert "1 reused" in site.callsheet("run", "film.yaml", "--yes", "--output", "plain", AQUA_KEY=KEY).stdout
    assert KEY.encode() not in everything(site)


def test_a_preview_of_a_node_that_costs_money_pays_nothing(site: Site) -> None:
    site.film("aqua/paint", output="image")
    ran = site.callsheet("run", "film.yaml", "--preview", "--output", "plain")
    assert ran.returncode == 0 and not calls(site)
    assert "aqua/paint costs money, so this preview did not call it" in ran.stdout + ran.stderr


@pytest.mark.parametrize(
    ("title", "state", "again", "said"),
    [
        ("full", "REJECTED", True, "no room for ***"),
        ("lost", "UNKNOWN", False, "TimeoutError: no reply"),
        ("failed", "FAILED", True, "the brush broke"),
        ("kill", "SENDING", False, ""),
    ],
)
def test_what_a_paid_call_raises_decides_whether_it_is_sent_again(
    site: Site, title: str, state: str, again: bool, said: str
) -> None:
    site.film("aqua/paint", f"{{title: {title}}}", "image")
    ran = site.callsheet("run", "film.yaml", "--yes", AQUA_KEY=KEY)
    assert states(site) == [state] and said in ran.stderr and KEY not in ran.stderr
    site.callsheet("run", "film.yaml", "--yes", AQUA_KEY=KEY)
    assert len(calls(site)) == (2 if again else 1)
    told = site.callsheet("reconcile", AQUA_KEY=KEY)
    assert told.returncode == (0 if again else 1)


def test_a_paid_result_is_there_after_a_crash(site: Site) -> None:
    site.film("aqua/paint", output="image")
    site.callsheet("run", "film.yaml", "--yes", AQUA_KEY=KEY, CALLSHEET_FAILPOINT="call.after_accepted")
    assert states(site) == ["ACCEPTED"] and len(calls(site)) == 1
    fetched = site.callsheet("resume", "--fetch-only")
    assert fetched.returncode == 0 and "fetched made" in fetched.stdout, fetched.stderr
    ran = site.callsheet("run", "film.yaml", "--yes", "--output", "plain", AQUA_KEY=KEY)
    assert "1 reused" in ran.stdout and len(calls(site)) == 1
    assert site.callsheet("resume", "--fetch-only").returncode == 0
    assert not any((site.project / ".callsheet/received").iterdir())


def test_a_paid_result_whose_request_is_in_doubt_is_not_swept_away(site: Site) -> None:
    site.film("aqua/paint", output="image")
    site.callsheet("run", "film.yaml", "--yes", AQUA_KEY=KEY, CALLSHEET_FAILPOINT="call.after_reply")
    assert states(site) == ["SENDING"] and len(calls(site)) == 1
    for _ in range(2):
        site.callsheet("resume", "--fetch-only")
        (result,) = (site.project / ".callsheet/received").glob("*/0.png")
    assert states(site) == ["UNKNOWN"]
    given_up = site.callsheet("reconcile", "made", "--lost")
    assert given_up.returncode == 0 and states(site) == ["LOST"], given_up.stderr
    site.callsheet("resume", "--fetch-only")
    assert not result.exists()


def test_its_package_can_be_gone(site: Site) -> None:
    site.film("aqua/paint", output="image")
    site.callsheet("run", "film.yaml", "--yes", AQUA_KEY=KEY, CALLSHEET_FAILPOINT="call.after_accepted")
    info = site.folder / "aqua_callsheet-1.0.dist-info"
    (site.folder / "aqua-callsheet-1.0.dist-info").rename(info.with_name("gone"))
    told = site.callsheet("resume", "--fetch-only")
    assert told.returncode == 1
    assert "`aqua/nodes` is not installed; aqua-callsheet 1.0 bought this request" in told.stderr


@pytest.mark.parametrize(
    ("node", "said"),
    [
        ("unlike", "has other parameters or results"),
        ("negative", "the price of `aqua/negative` is -1"),
        ("misnamed", "no name of an environment variable"),
    ],
)
def test_a_declaration_that_cannot_be_is_said_at_the_uses(site: Site, node: str, said: str) -> None:
    site.film(f"aqua/{node}")
    checked = site.callsheet("check", "film.yaml")
    assert "film.yaml:7:11: error[bad-plug-in]" in checked.stderr and said in checked.stderr


def test_what_is_installed_is_listed(site: Site) -> None:
    listed = json.loads(site.callsheet("models", "aqua", "--json").stdout)["models"]
    found = {one["endpoint"]: one for one in listed}
    assert {"aqua/paint", "aqua/caption", "aqua/plain"} <= found.keys()
    assert (found["aqua/paint"]["price"], found["aqua/plain"]["price"]) == ("one call × $0.04", "free")
    assert "aqua/negative" not in found
    schema = site.callsheet("schema").stdout
    assert "aqua/paint" in schema and "Paints a picture, for 4 cents." in schema
