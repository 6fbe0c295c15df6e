"""Runs whose work an engine does: the same files, told where each was made."""

import hashlib
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import callsheet as api
from callsheet.errors import InputError
from callsheet.runtime.cancellation import Stop
from callsheet.runtime.engines.processes import Processes
from callsheet.runtime.events import NodeFinished, NodeInterrupted, NodeProgress
from tests.grey_film import grey_shot, write_film

FILM = """
callsheet: 1
name: harbour
inputs:
  shots:
    items: {name: string, video: video}
    default: [{name: dawn, video: ./dawn.mp4}, {name: dusk, video: ./dusk.mp4}]
axes:
  shot: {over: "${{ inputs.shots }}", key: "${{ shot.name }}"}
nodes:
  drawn: {uses: fal-ai/hunyuan-image/v3/text-to-image, with: {prompt: a pier, seed: 1}}
  clip: {each: shot, uses: media/trim, with: {video: "${{ shot.video }}", start: 0.25}}
  named: {each: shot, uses: media/text, with: {video: "${{ clip.video }}", texts: [{text: Море}]}}
  facts: {uses: media/probe, with: {media: "${{ clip['dawn'].video }}"}}
outputs: {named: "${{ named.video }}", clip: "${{ clip['dawn'].video }}"}
"""


@pytest.fixture
def film(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_film(FILM)
    return tmp_path


def made(state: str) -> set[str]:
    """The digests of all stored files."""
    return {hashlib.sha256(p.read_bytes()).hexdigest() for p in Path(state).rglob("blobs/*/*")}


def run(on: str, state: str, **more):
    events = []
    api.run("film.yaml", preview=True, on=on, state=state, out=f"out-{state}", emit=events.append, **more)
    return [event for event in events if isinstance(event, NodeFinished)]


def test_an_engine_makes_the_same_files_and_says_where(film):
    here, pool = run("", "one"), run("here:2", "two")
    given = {hashlib.sha256(Path(f"{name}.mp4").read_bytes()).hexdigest() for name in ("dawn", "dusk")}
    assert made("one") | given == made("two")
    assert not any(event.where for event in here)
    where = {event.address: event.where for event in pool}
    assert where["drawn"] and where['clip["dawn"]'] and where['clip["dusk"]']
    assert str(os.getpid()) not in "".join(where.values()).split(":")


def test_what_other_machines_would_draw_or_do_otherwise_stays_here(film):
    where = {event.address: event.where for event in run("here:2", "two")}
    assert where['named["dawn"]'] == where['named["dusk"]'] == where["facts"] == ""


JOINED = """
callsheet: 1
name: harbour
inputs:
  shots:
    items: {name: string, video: video}
    default: [{name: a, video: ./a.mp4}, {name: b, video: ./b.mp4}, {name: c, video: ./c.mp4}]
axes:
  shot: {over: "${{ inputs.shots }}", key: "${{ shot.name }}"}
nodes:
  clip: {each: shot, uses: media/pick, with: {videos: ["${{ shot.video }}"]}}
  film: {uses: media/concat, with: {videos: "${{ clip.video }}", width: 48}}
outputs: {film: "${{ film.video }}"}
"""


def test_the_parts_of_a_join_are_work_of_their_own(film):
    """Each clip that is brought to the film's form is made once, by whoever is free, and kept: a changed clip
    is one part."""
    for name, rate in (("a", 24), ("b", 25), ("c", 30)):
        grey_shot(name, 20, rate=rate)
    Path("film.yaml").write_text(JOINED)
    asked = []
    perform = Processes.perform

    async def counted(engine, task, watch):
        asked.append(task.asked)
        return await perform(engine, task, watch)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Processes, "perform", counted)
        run("", "one")
        run("here:2", "two")
        assert sorted(map(len, filter(None, asked))) == [1, 1, 1] and asked[0] is None and asked[-1] == ()
        assert made("one") <= made("two")
        asked.clear()
        grey_shot("b", 90, rate=25)
        run("here:2", "two")
        assert [len(group) for group in asked if group] == [1]


@pytest.mark.parametrize(
    ("on", "said"),
    [
        ("ray://cluster", "names no engine"),
        ("here:0", "names no engine"),
        ("here:5000", "asks for 5,000 processes"),
        ("here,there", "names no engine"),
        ("dask://", "is no address of a scheduler"),
        ("dask://user@host", "is no address of a scheduler"),
        ("dask://host:port", "is no address"),
        ("dask://127.0.0.1:0", "is no address"),
        ("dask://127.0.0.1:8786#x", "is no address"),
        ("dask://127.0.0.1:87\n86", "is no address"),
        ("here:2,", "before or after a comma"),
        ("  ", "before or after a comma"),
        ("here,here:2,here:3", "names 3 engines"),
        ("dask://192.0.2.1:8786", "is neither on this machine nor encrypted"),
    ],
)
def test_an_engine_that_is_none_is_refused_before_anything_is_made(film, on, said):
    with pytest.raises(InputError, match=said) as refused:
        run(on, "one")
    assert refused.value.next_step
    assert not Path("out-one").exists()


def test_a_machine_whose_name_is_not_known_is_not_said_to_need_certificates(film, monkeypatch):
    def unknown(*asked):
        raise socket.gaierror("Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(InputError, match="big-dekstop is not known here") as refused:
        run("dask://big-dekstop:8786", "one")
    assert "typing error" in refused.value.next_step


@pytest.mark.parametrize(
    "address", ["dask://me:planted@host", "tls://me:planted@host:1", "dask://me:planted@[::1"]
)
def test_a_password_in_an_address_is_refused_and_not_shown(film, address):
    with pytest.raises(InputError, match="is no address of a scheduler") as refused:
        run(address, "one")
    assert "planted" not in f"{refused.value} {refused.value.next_step}"


@pytest.mark.parametrize(
    ("on", "said"),
    [
        ("dask://127.0.0.1:1", "cannot be reached: nothing listens there"),
        ("tls://127.0.0.1:1", "needs certificates"),
    ],
)
def test_an_engine_that_cannot_be_reached_is_refused_before_anything_is_made(film, monkeypatch, on, said):
    pytest.importorskip("distributed")
    monkeypatch.setattr("callsheet.runtime.engines.dask_client.CONNECT", 600)  # only silence is waited for
    with pytest.raises(InputError, match=said) as refused:
        run(on, "one")
    assert refused.value.next_step
    assert not made("one")


@pytest.mark.parametrize(
    ("on", "said"),
    [("here:4,here", "names two engines"), ("here:0", "names no engine"), ("here:four", "names no engine")],
)
def test_the_status_of_what_is_no_one_engine(on, said):
    with pytest.raises(InputError, match=said) as refused:
        api.engine_status(on)
    assert refused.value.next_step


def test_a_stopped_run_ends_its_processes(film):
    stop, events = Stop(), []

    def emit(event):
        events.append(event)
        if isinstance(event, NodeProgress):
            stop.request()

    text = FILM.replace("media/trim", "media/loop").replace("start: 0.25", "seconds: 900")
    Path("film.yaml").write_text(text.partition("  named:")[0] + 'outputs: {clip: "${{ clip.video }}"}\n')
    result = api.run("film.yaml", preview=True, on="here:2", emit=emit, stop=stop)
    assert result.status == "interrupted" and not result.stuck
    assert any(isinstance(event, NodeInterrupted) for event in events)


def test_without_an_engine_nothing_of_one_is_imported(film):
    """Dask takes a third of a second to import, and most people do not have it."""
    code = (
        "import sys, callsheet\n"
        "assert callsheet.check('film.yaml').ok\n"
        "callsheet.plan('film.yaml')\n"
        "callsheet.run('film.yaml', preview=True)\n"
        "print(sorted({'distributed', 'dask', 'fsspec', 'psycopg'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr


def test_it_is_told_where_an_instance_was_made(callsheet, film):
    lines = FILM.splitlines(keepends=True)
    Path("film.yaml").write_text("".join(line for line in lines if "  drawn:" not in line))
    callsheet("run", "film.yaml", "--on", "here:1", "--output", "plain")
    _, out, _ = callsheet("explain", "film.yaml", 'clip["dawn"]')
    (line,) = [line for line in out.splitlines() if "made on" in line]
    explained = api.explain("film.yaml", 'clip["dawn"]').to_json()
    assert line == f"  made on {explained['where']}"
    assert "where" not in api.explain("film.yaml", "facts").to_json()


def test_json_lines_say_where(callsheet, film):
    _, out, _ = callsheet("run", "film.yaml", "--preview", "--on", "here:1", "--output", "json")
    events = [json.loads(line) for line in out.splitlines()]
    (drawn,) = [e for e in events if e["event"] == "node_finished" and e["address"] == "drawn"]
    assert drawn["where"]


def test_an_engine_that_is_not_named_is_asked_for_with_an_example(callsheet):
    code, _, err = callsheet("engine", "status")
    assert code == 2 and "callsheet engine status dask://host:8786" in err


def test_the_environment_names_an_engine_for_runs_that_name_none(film, callsheet, monkeypatch):
    monkeypatch.setenv("CALLSHEET_ON", "ray://cluster")
    code, _, err = callsheet("run", "film.yaml", "--preview")
    assert code == 1 and "'ray://cluster' names no engine" in err
    assert callsheet("run", "film.yaml", "--preview", "--on", "here")[0] == 0
