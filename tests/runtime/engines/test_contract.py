"""What every engine promises: threads, processes, and Dask with real workers."""

import asyncio
import errno
import json
import os
import signal
from dataclasses import replace

import pytest

from callsheet.errors import NodeError
from callsheet.runtime.engines.engine import Watch
from callsheet.runtime.engines.named import named
from callsheet.runtime.engines.processes import Processes
from callsheet.runtime.engines.task import Answer, program
from callsheet.runtime.engines.threads import Threads
from callsheet.runtime.engines.work import work
from tests.runtime.engines.shop import Shop, carried_out

ENGINES = {
    "threads": lambda _: Threads(2),
    "processes": lambda _: Processes(2),
    "dask": lambda at: named(at)(),
}


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path)


@pytest.fixture(params=ENGINES)
def engine(request):
    """Makes an engine of each kind in turn."""
    address = request.getfixturevalue("dask").address if request.param == "dask" else ""
    return lambda: ENGINES[request.param](address)


def digest(answer):
    return answer.outputs[1]["video"][1]["digest"]


def test_an_engine_makes_what_is_made_here(shop, engine):
    async def act(engine):
        tasks = (shop.task(start=start) for start in (0.25, 0.5, 0.25))
        return await asyncio.gather(*(engine.perform(task, Watch()) for task in tasks))

    here = [Answer.from_json(work(shop.task(start=start).to_json())) for start in (0.25, 0.5)]
    first, second, again = carried_out(engine, shop, act)
    assert [digest(first), digest(second)] == [digest(one) for one in here]
    assert digest(again) == digest(first)
    assert shop.store.path(digest(first), ".mp4").is_file()
    assert first.seconds > 0 and first.where


def test_a_job_that_fails_says_why(shop, engine):
    async def act(engine):
        answer = await engine.perform(shop.task(start=99.0), Watch())
        with pytest.raises(NodeError, match="trimmed") as failed:
            answer.require()
        return failed.value

    error = carried_out(engine, shop, act)
    assert error.kind == "local" and error.next_step


def test_a_bug_has_its_report_and_no_traceback(shop, engine):
    async def act(engine):
        return await engine.perform(replace(shop.task(), uses="media/nothing"), Watch())

    with pytest.raises(NodeError) as failed:
        carried_out(engine, shop, act).require()
    assert failed.value.kind == "bug" and "work.py" in failed.value.report


def test_a_full_disk_of_a_worker_is_no_bug(shop, monkeypatch):
    def full(job):
        raise OSError(errno.ENOSPC, "No space left on device", "/scratch/work/note.txt")

    monkeypatch.setattr("callsheet.nodes.local.perform", full)
    with pytest.raises(NodeError, match="the disk is full: /scratch/work") as failed:
        Answer.from_json(work(shop.task().to_json())).require()
    assert failed.value.kind == "local" and "free some space" in failed.value.next_step


def test_another_program_is_not_asked_to_do_it(shop, engine):
    async def act(engine):
        answer = await engine.perform(replace(shop.task(), program="callsheet 0.0.1"), Watch())
        answer.require()

    with pytest.raises(NodeError, match="callsheet 0"):
        carried_out(engine, shop, act)


def test_a_task_with_other_fields_is_known_by_its_program(shop):
    """A later callsheet may send more than this one reads."""
    sent = {**json.loads(shop.task().to_json()), "program": "callsheet 99", "memory": 4}
    assert Answer.from_json(work(json.dumps(sent))).other == program()
    assert Answer.from_json('{"where": "a:1", "other": "callsheet 99", "memory": 4}').other == "callsheet 99"


ODD = {
    "nothing": "",
    "number": "3",
    "list": "[]",
    "nowhere": "{}",
    "parts": '{"where": "a:1", "parts": []}',
    "where": '{"where": ["a", 1]}',
    "seconds": '{"where": "a:1", "seconds": "long"}',
    "told": '{"where": "a:1", "told": "nothing"}',
    "other": '{"where": "a:1", "other": 3}',
    "error": '{"where": "a:1", "error": "no"}',
    "deep": "[" * 100_000,
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_what_is_no_answer_is_said_to_be_none(odd):
    with pytest.raises(NodeError, match="cannot be read") as failed:
        Answer.from_json(odd)
    assert failed.value.kind == "local" and failed.value.next_step


def test_progress_is_heard_of(shop, engine):
    heard = []

    async def act(engine):
        seconds = 1200.0 if engine.title.startswith("dask") else 200.0  # it is told once a second there
        await engine.perform(shop.slow(seconds=seconds), Watch(progress=heard.append))

    carried_out(engine, shop, act)
    assert heard and all(0 <= fraction <= 1 for fraction in heard)


def test_what_is_called_back_makes_room(shop, engine):
    """As many as fit are called back, and a task behind them is done."""

    async def act(engine):
        begun = [asyncio.create_task(engine.perform(shop.slow(f"slow-{i}"), Watch())) for i in range(4)]
        await asyncio.sleep(0.5)
        for one in begun:
            one.cancel()
        await asyncio.gather(*begun, return_exceptions=True)
        return await engine.perform(shop.task(start=0.5), Watch())

    assert digest(carried_out(engine, shop, act))


def test_a_killed_process_is_replaced_and_its_task_done_again(shop):
    killed = []

    def kill(fraction):
        if not killed:
            (child,) = engines[0]._all
            killed.append(child._process.pid)
            os.kill(child._process.pid, signal.SIGKILL)

    engines = []

    def make():
        engines.append(Processes(1))
        return engines[0]

    async def act(engine):
        return await engine.perform(shop.slow(), Watch(progress=kill))

    answer = carried_out(make, shop, act)
    assert killed
    assert not answer.where.endswith(tuple(f":{pid}" for pid in killed))
    assert digest(answer) == digest(Answer.from_json(work(shop.slow().to_json())))


def test_what_kills_every_process_is_given_up(shop, monkeypatch):
    monkeypatch.setattr("callsheet.runtime.engines.processes.TRIES", 2)
    engines = []

    def make():
        engines.append(Processes(1))
        return engines[0]

    def kill(fraction):
        for child in engines[0]._all:
            os.kill(child._process.pid, signal.SIGKILL)

    async def act(engine):
        with pytest.raises(NodeError, match="2 times while it was made") as failed:
            await engine.perform(shop.slow(), Watch(progress=kill))
        return failed.value

    assert carried_out(make, shop, act).kind == "local"


def test_a_process_that_cannot_be_started_is_no_bug(shop, monkeypatch, tmp_path):
    monkeypatch.setattr("sys.executable", str(tmp_path / "no-python"))

    async def act(engine):
        with pytest.raises(NodeError, match=r"no process can be started on .*: No such file") as failed:
            await engine.perform(shop.task(), Watch())
        return failed.value

    error = carried_out(lambda: Processes(1), shop, act)
    assert error.kind == "local" and "--on here" in error.next_step


def test_a_process_whose_installation_is_broken_says_so_once(shop, monkeypatch, tmp_path, capfd):
    (tmp_path / "uuid.py").write_text("raise ImportError('half of an installation')\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    async def act(engine):
        with pytest.raises(NodeError, match="ImportError: half of an installation") as failed:
            await engine.perform(shop.task(), Watch())
        return failed.value

    assert carried_out(lambda: Processes(1), shop, act).kind == "local"
    assert "Traceback" not in capfd.readouterr().err
