"""Runs over Dask: real workers, lost workers, a lost scheduler, workers that cannot be used."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import callsheet as api
from callsheet.errors import InputError
from callsheet.runtime.engines.engine import NoWorkers, Watch
from callsheet.runtime.engines.look import Look
from callsheet.runtime.engines.named import named
from callsheet.runtime.engines.task import Answer
from callsheet.runtime.engines.work import work
from callsheet.runtime.events import NodeFinished
from tests.grey_film import write_film
from tests.runtime.engines.cluster import FOREIGN, cluster, end, until
from tests.runtime.engines.shop import Shop, carried_out
from tests.runtime.engines.test_run_on import FILM, made

distributed = pytest.importorskip("distributed")
from dask import config  # noqa: E402

from callsheet.runtime.engines.dask_engine import Dask  # noqa: E402
from callsheet.runtime.engines.dask_workers import Crew  # noqa: E402


@pytest.fixture
def film(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_film(FILM)
    return tmp_path


@pytest.fixture
def empty(tmp_path):
    """A scheduler without workers."""
    with cluster(tmp_path / "dask", slots=0) as here:
        yield here


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path)


def digest(answer):
    return answer.outputs[1]["video"][1]["digest"]


def test_a_run_over_dask_makes_the_same_files(film, dask):
    events = []
    api.run("film.yaml", preview=True, state="one", out="out-one")
    api.run("film.yaml", preview=True, state="two", out="out-two", on=dask.address, emit=events.append)
    assert made("one") <= made("two")
    for path in Path("out-one").rglob("*.mp4"):
        assert path.read_bytes() == Path("out-two", *path.parts[1:]).read_bytes()
    where = {e.address: e.where for e in events if isinstance(e, NodeFinished)}
    assert where["drawn"] and where['clip["dawn"]'] and not where["facts"]
    assert not list(Path("two").rglob("blobs/*/*.txt"))  # what the workers were asked


def test_media_by_a_shared_store(film, dask, tmp_path):
    """Workers get inputs from there and put results there; the run has its own."""
    events = []
    api.run("film.yaml", preview=True, on=dask.address, store=str(tmp_path / "shared"), emit=events.append)
    shared = {path.parent.name + path.name for path in Path("shared/previews/blobs").rglob("*/*")}
    assert made(".callsheet/preview") & shared
    assert any(e.where for e in events if isinstance(e, NodeFinished))
    assert (tmp_path / "out/harbour/preview/clip.mp4").is_file()


def test_the_commands_of_the_documentation(film, dask, callsheet):
    code, out, _ = callsheet("run", *dask.documented("callsheet run"), "--preview")
    assert code == 0 and " on " in next(line for line in out.splitlines() if "done    drawn" in line)
    code, out, _ = callsheet("engine", "status", *dask.documented("callsheet engine status"))
    assert (code, "2 slots" in out, "a new task begins at once" in out) == (0, True, True)
    found = api.engine_status(dask.address)
    assert found.ok and found.slots == 2 and not found.why and len(found.workers) == 2


def test_nobody_is_there(empty, film, monkeypatch):
    monkeypatch.setattr("callsheet.runtime.engines.dask_engine.FIRST_WORKER", 0.5)
    with pytest.raises(InputError, match="has no worker, also after") as refused:
        api.run("film.yaml", preview=True, on=empty.address)
    assert refused.value.next_step == f"start one: callsheet worker {empty.address}"
    assert "there is no worker" in api.engine_status(empty.address).why
    result = api.run("film.yaml", preview=True, on=f"{empty.address},here")
    assert result.status == "done" and "the work was done by here" in result.notes[0]


@pytest.mark.parametrize("wrong", ["version", "store"])
def test_a_worker_that_cannot_be_used_is_refused_at_the_start(empty, film, wrong, tmp_path):
    """It has another program, or another folder under the same path."""
    site = tmp_path / "site"
    site.mkdir()
    code = {
        "version": "import callsheet._version; callsheet._version.__version__ = '0.0.1'",
        "store": "import pathlib; old = pathlib.Path.is_file\n"
        "pathlib.Path.is_file = lambda path: '/blobs/' not in str(path) and old(path)",
    }
    (site / "sitecustomize.py").write_text(code[wrong])
    path = (str(site), os.environ.get("PYTHONPATH", ""), str(Path(api.__file__).parents[1]))
    empty.work(1, PYTHONPATH=os.pathsep.join(filter(None, path)))
    said = {"version": "has other versions: callsheet 0.0.1 (here ", "store": "cannot use the store"}
    with pytest.raises(InputError, match=re.escape(said[wrong])) as refused:
        api.run("film.yaml", preview=True, on=empty.address)
    assert refused.value.next_step
    Path(".callsheet").mkdir(exist_ok=True)
    (worker,) = api.engine_status(empty.address).workers
    assert said[wrong] in worker.problem


@pytest.mark.parametrize("odd", ["[]", '{"where": "a:1", "outputs": ["object", {"note": ["media", {}]}]}'])
def test_a_worker_with_odd_answers_gets_no_tasks(shop, odd):
    class Odd:
        scheduler = property(lambda self: self)

        async def identity(self):
            return {"workers": {"tcp://a:1": {"nthreads": 2}}}

        async def run(self, *_, workers, **__):
            return dict.fromkeys(workers, odd)

    crew = Crew(Look(shop.place))
    asyncio.run(crew.look(Odd()))
    assert not crew.fit and "cannot be read" in crew.unfit[0].problem


def test_a_newcomer_that_is_silent_takes_no_worker_away(shop, monkeypatch):
    """Also one that answers later than the others are looked at."""
    monkeypatch.setattr("callsheet.runtime.engines.dask_engine.LOOK", 0.01)
    monkeypatch.setattr("callsheet.runtime.engines.dask_workers.LOOKING", 0.5)
    good, silent = "tcp://a:1", "tcp://b:1"

    class Joined:
        scheduler, status = property(lambda self: self), "running"
        there = (good,)

        async def identity(self):
            return {"workers": {address: {"nthreads": 2} for address in self.there}}

        async def run(self, _, task, workers, **__):
            while silent in workers:
                await asyncio.sleep(1)
            return {good: await asyncio.to_thread(work, task)}

    async def watched():
        engine = Dask("dask://127.0.0.1:1", "tcp://127.0.0.1:1")
        engine._client, engine._crew = Joined(), Crew(Look(shop.place))
        watching = asyncio.create_task(engine._watch())
        await came(lambda: engine._crew.fit)
        engine._client.there = (good, silent)
        while not engine._crew.unfit:
            assert engine._crew.fit == {good: 2}
            await asyncio.sleep(0.02)
        watching.cancel()
        assert engine._crew.fit == {good: 2}

    asyncio.run(asyncio.wait_for(watched(), 60))


def test_what_was_given_up_is_given_back_at_once(shop):
    """Also when workers were counted again in between."""
    engine = Dask("dask://127.0.0.1:1", "tcp://127.0.0.1:1")
    engine._given_up = "no worker for 60 s"
    with pytest.raises(NoWorkers, match="60 s"):
        asyncio.run(asyncio.wait_for(engine.perform(shop.task(), Watch()), 20))


def test_a_scheduler_without_callsheet_is_named(film, tmp_path, callsheet):
    with cluster(tmp_path / "dask", slots=1, scheduler=FOREIGN) as here:
        for words in (["engine", "status", here.address], ["run", "--preview", "--on", here.address]):
            code, _, said = callsheet(*words)
            assert code == 1
            assert "cannot read what callsheet sends" in said
            assert "has the same callsheet" in said


def test_what_a_killed_worker_had_is_done_again(shop, dask):
    """Both workers have a task; one of them is killed."""
    begun = []
    (one, _) = api.engine_status(dask.address).workers

    async def act(engine):
        work = [engine.perform(shop.slow(str(i), 800.0), Watch(begun.append)) for i in range(2)]
        both = asyncio.gather(*work)
        await came(lambda: begun)
        os.kill(int(one.where.rpartition(":")[2]), signal.SIGKILL)
        return await both

    answers = carried_out(named(dask.address), shop, act)
    here = Answer.from_json(work(shop.slow("0", 800.0).to_json()))
    assert [digest(answer) for answer in answers] == [digest(here)] * 2
    until(lambda: api.engine_status(dask.address).slots == 2, "another worker")


def test_a_lost_cluster_and_another_one(tmp_path, monkeypatch, long):
    """All workers are killed, then their scheduler. It is said what the task waits for, and the next workers
    do it."""
    if not long:
        pytest.skip("a minute; --long")
    monkeypatch.setattr("callsheet.runtime.engines.dask_engine.ALONE", 0.5)
    shop, told, begun = Shop(tmp_path), [], []
    with cluster(tmp_path / "dask", slots=1) as here:
        scheduler, workers = here.processes

        async def act(engine):
            watch = Watch(begun.append, told.append)
            slow = asyncio.create_task(engine.perform(shop.slow(seconds=2000.0), watch))
            await came(lambda: begun)
            await asyncio.to_thread(end, workers, signal.SIGKILL)
            await came(lambda: told)
            await asyncio.to_thread(end, scheduler, signal.SIGKILL)
            await came(lambda: "does not answer" in told[-1])
            await asyncio.to_thread(here.begin)
            await asyncio.to_thread(here.work, 1)
            return await slow

        answer = carried_out(named(here.address), shop, act)
    assert digest(answer) == digest(Answer.from_json(work(shop.slow(seconds=2000.0).to_json())))
    assert told[0] == f"{here.address} has no worker; start one: callsheet worker {here.address}"
    assert told[-1] == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["dask://192.0.2.1"], "is neither on this machine nor encrypted"),
        (["tls://127.0.0.1"], "needs certificates"),
        (["dask://127.0.0.1:1"], "cannot be reached"),
        (["dask://127.0.0.1:1", "--slots", "4", "--memory", "512MB"], "is less than the workers need"),
    ],
)
def test_workers_that_cannot_begin_say_why(callsheet, monkeypatch, words, said):
    monkeypatch.setattr("callsheet.runtime.engines.dask_worker.BEGIN", 0.5)
    code, _, err = callsheet("worker", *words)
    assert code == 1 and said in err and "help: " in err


@pytest.mark.parametrize("setting", ["temporary-directory", "distributed.worker.preload"])
def test_a_worker_whose_process_cannot_be_started_says_why(callsheet, empty, tmp_path, setting):
    """Its folder cannot be made, or its Python ends at once."""
    (tmp_path / "file").touch()
    with config.set({setting: str(tmp_path / "file" / "nothing.py")}):
        code, _, err = callsheet("worker", empty.address, "--slots", "1")
    assert code == 1 and "a worker cannot be started on " in err and "nothing" in err
    assert "help: " in err and "bug" not in err


def test_workers_have_no_keys_of_providers(dask):
    (one, _) = api.engine_status(dask.address).workers
    environ = Path(f"/proc/{one.where.rpartition(':')[2]}/environ")
    if not environ.exists():
        pytest.skip("no /proc")
    names = {line.partition(b"=")[0] for line in environ.read_bytes().split(b"\0")}
    assert b"PATH" in names and b"FAL_KEY" not in names


def test_workers_end_in_order(empty):
    """The command that started them is ended, and none of its processes is left at the scheduler."""
    begun = empty.work(1)
    begun.terminate()
    assert begun.wait(60) == 0
    assert not api.engine_status(empty.address).workers


def test_encrypted_and_nobody_else(tmp_path, film, monkeypatch, long):
    """Scheduler, workers and run with certificates; a run without them is refused."""
    if not long:
        pytest.skip("half a minute; --long")
    trustme = pytest.importorskip("trustme")
    authority = trustme.CA()
    node = authority.issue_cert("127.0.0.1", "localhost")
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    node.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "node.pem"))
    around = {"DASK_DISTRIBUTED__COMM__TLS__CA_FILE": tmp_path / "ca.pem"}
    for role in ("SCHEDULER", "WORKER", "CLIENT"):
        around[f"DASK_DISTRIBUTED__COMM__TLS__{role}__CERT"] = tmp_path / "node.pem"
    for name, value in around.items():
        monkeypatch.setenv(name, str(value))
    with cluster(tmp_path / "dask", slots=1, tls=True) as here:
        code = (
            f"import callsheet\nprint(callsheet.run('film.yaml', preview=True, on='{here.address}').status)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert done.stdout == "done\n", done.stderr
        for name in around:
            monkeypatch.delenv(name)
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert "needs certificates" in done.stderr


async def came(there):
    """Wait for what happens in another process."""
    async with asyncio.timeout(60):
        while not there():
            await asyncio.sleep(0.02)
