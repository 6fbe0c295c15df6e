"""`callsheet doctor`: what it finds, what it says to do, and that it shows no secret."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import subprocess
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import callsheet
from callsheet.cli.main import callsheet as main
from callsheet.cli.views.doctor import doctor_text
from callsheet.runtime.doctor import machine, services
from callsheet.runtime.doctor.finding import Doctor, Finding
from callsheet.runtime.ledger import Change, Intent, LedgerFile, NewRun, SqliteLedger
from callsheet.runtime.store import shared_folder as places
from callsheet.testing import Request, Response, serve
from tests.runtime.ledger.steps import stepped

KEY = "planted-key-id:planted-key-secret-123456"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "home" / "film"
    root.mkdir(parents=True)
    (root / "callsheet.toml").write_text("")
    monkeypatch.chdir(root)
    for name in ("FAL_KEY", "FAL_KEY_ID", "FAL_KEY_SECRET", "HF_TOKEN", "CALLSHEET_STATE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(machine, "machine", lambda: iter(()))
    monkeypatch.setattr("callsheet.runtime.doctor.examine.machine", lambda: iter(()))
    return root


def found(subject: str, level: str = "", **named: Any) -> list[Finding]:
    report = callsheet.doctor(**named)
    return [one for one in report.findings if one.subject == subject and level in ("", one.level)]


def bought(root: Path, state: str, provider: str = "fal") -> None:
    """A ledger with one request in this state."""

    async def write() -> None:
        ledger = SqliteLedger(LedgerFile(root / ".callsheet" / "ledger.db").writer())
        run = await ledger.start_run(NewRun("film-1", "{}"))
        intent = Intent(
            "key", provider, "fal-ai/kolors", "{}", run.id, "still", 100_000, "token", 1, {}, False
        )
        attempt = await ledger.intend(intent, None)
        for step in ("SENDING", state):
            change = Change(request_id="r1") if step == "ACCEPTED" else Change()
            await stepped(ledger, attempt.id, step, change)  # type: ignore[arg-type]
        await ledger.close()

    (root / ".callsheet").mkdir(exist_ok=True)
    asyncio.run(write())


def test_a_file_where_the_state_belongs(project: Path) -> None:
    (project / ".callsheet").touch()
    (finding,) = found("folder")
    assert (finding.level, finding.next_step) == ("error", "move this file away")
    assert finding.message == f"{project / '.callsheet'} is no folder"


def test_a_fresh_project_has_nothing_wrong(project: Path) -> None:
    report = callsheet.doctor()
    assert report.ok and {one.level for one in report.findings} <= {"ok", "note"}
    assert not (project / ".callsheet").exists()


def test_a_film_that_was_never_run_is_told(project: Path) -> None:
    (project / "callsheet.toml").unlink()
    (project / "my film.yaml").write_text("callsheet: 1\n")
    (finding,) = found("project")
    assert finding.message == f"nothing was run in {project} yet"
    assert finding.next_step == "callsheet run 'my film.yaml' --preview"


def test_the_machine_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {one.subject: one for one in machine.machine()}
    assert told.keys() == {"Python", "libraries", "FFmpeg", "fonts"}
    assert told["FFmpeg"].message.startswith("FFmpeg ") and "PyAV" in told["FFmpeg"].message
    assert "pillow" in told["libraries"].message
    monkeypatch.setattr(
        machine, "requires", lambda _: ["av>=99,<100", "nothing-like-it>=1", "x; extra == 'y'"]
    )
    one, other, _ = machine._libraries()
    assert (one.level, other.level) == ("warning", "error")
    assert "is not >=99,<100" in one.message and one.next_step == 'pip install "av>=99,<100"'


@pytest.mark.parametrize(
    ("version", "bounds", "within"),
    [("18.1.0", ">=18,<20", True), ("20.0", ">=18,<20", False), ("8.2", ">=8.2.0,<9", True), ("1", "", True)],
)
def test_versions_are_compared_by_numbers(version: str, bounds: str, within: bool) -> None:
    assert machine._within(version, bounds) is within


@pytest.mark.parametrize(
    ("state", "level", "said", "step"),
    [
        ("UNKNOWN", "error", "nobody knows whether still was accepted", "callsheet reconcile"),
        ("ACCEPTED", "warning", "paid and not fetched: still", "callsheet resume --fetch-only"),
    ],
)
def test_open_requests_are_told(project: Path, state: str, level: str, said: str, step: str) -> None:
    bought(project, state)
    (one,) = found("ledger", level)
    assert (one.message, one.next_step) == (said, step)
    assert "1 run" in found("ledger", "ok")[0].message


def test_requests_of_a_package_that_is_gone_are_told(project: Path) -> None:
    bought(project, "ACCEPTED", "studio")
    packages = {"version": 1, "providers": {"studio": "studio-callsheet 0.3"}}
    (project / ".callsheet" / "packages.json").write_text(json.dumps(packages))
    (one,) = found("ledger", "error")
    assert one.message == "1 request of `studio` not over: the provider `studio` is not installed"
    assert one.next_step == "install studio-callsheet==0.3"


def test_what_plug_ins_need_and_cannot_do_is_told(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = project / "site"
    info = site / "aqua_callsheet-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: aqua-callsheet\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[callsheet.nodes]\naquadoctor = aquadoctor\n")
    (site / "aquadoctor.py").write_text(
        "from callsheet.plugin import Work, node\n"
        "__all__ = ['caption', 'odd']\n"
        "@node(keys=('AQUA_CODE',))\n"
        "def caption(work: Work) -> str:\n    return ''\n"
        "def odd(title) -> str:\n    return ''\n"
    )
    monkeypatch.syspath_prepend(site)
    (one,) = found("plug-ins", "warning")
    assert "`title` of `aquadoctor/odd` has no type" in one.message and one.next_step
    (one,) = found("key of aquadoctor", "note")
    assert one.message == "AQUA_CODE is not set" and "aquadoctor/caption" in one.next_step
    monkeypatch.setenv("AQUA_CODE", KEY)
    assert found("key of aquadoctor", "ok")[0].message == "AQUA_CODE is set"
    assert KEY not in json.dumps(callsheet.doctor().to_json())


def test_a_damaged_ledger_is_told(project: Path) -> None:
    bought(project, "UNKNOWN")
    path = project / ".callsheet" / "ledger.db"
    with sqlite3.connect(path) as ledger:
        ledger.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * 8192 + content[12288:])
    (one,) = found("ledger")
    assert one.level == "error" and one.next_step


def test_a_ledger_of_a_newer_version_is_told(project: Path) -> None:
    bought(project, "UNKNOWN")
    with sqlite3.connect(project / ".callsheet" / "ledger.db") as ledger:
        ledger.execute("PRAGMA user_version = 999")
    (one,) = found("ledger")
    assert "newer callsheet (version 999" in one.message and one.next_step == "update callsheet"


def test_wrong_settings_and_a_state_that_leads_away_are_told(project: Path, tmp_path: Path) -> None:
    (project / "callsheet.toml").write_text("budget = nothing")
    (one,) = found("project", "error")
    assert "callsheet.toml" in one.message and one.next_step
    (project / ".callsheet").symlink_to(tmp_path)
    assert found("project", "error") and not callsheet.doctor().ok


@pytest.mark.parametrize("folder", ["Dropbox", "OneDrive - Studio", "Mobile Documents", "Google Drive"])
def test_a_synchronised_folder_is_told(folder: str, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced = project / folder / "film"
    synced.mkdir(parents=True)
    (synced / "callsheet.toml").write_text("")
    (one,) = found("folder", "warning", project=synced)
    assert "is synchronised by" in one.message and "CALLSHEET_STATE" in one.next_step
    assert not found("folder", "warning", project=synced, state=project / "elsewhere")


def test_check_and_run_tell_of_a_synchronised_folder(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced = project / "Dropbox"
    synced.mkdir()
    (synced / "callsheet.toml").write_text("")
    node = "{uses: text/split, with: {text: dawn}}"
    (synced / "film.yaml").write_text(f"callsheet: 1\nnodes: {{title: {node}}}\n")
    monkeypatch.chdir(synced)
    for words in (["check"], ["run"]):
        done = CliRunner().invoke(main, [*words, "film.yaml"], standalone_mode=False)
        assert done.stderr.count("is synchronised by Dropbox") == 1, done.output
        assert done.stderr.count("CALLSHEET_STATE") == 1
    done = CliRunner().invoke(main, ["run", "film.yaml", "--preview"], standalone_mode=False)
    assert "synchronised" not in done.stderr


def test_a_network_drive_and_a_full_disk_are_told(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "file_system", lambda _: "nfs4")
    assert "network drive (nfs4)" in found("folder", "warning")[0].message
    usage = namedtuple("usage", "total used free")
    for free, level in ((10**9, "warning"), (10**6, "error")):
        monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: usage(1, 1, free))
        assert found("disk", level)[0].next_step


def test_mounts_are_read_as_each_system_tells_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(places, "_linux_mounts", lambda: [("/", "ext4"), (str(tmp_path), "cifs")])
    assert places.file_system(tmp_path) == "cifs"
    assert places.file_system(tmp_path.parent) == "ext4"

    class Done:
        stdout = "/dev/disk1 on / (apfs, local)\n//u@nas/films on /Volumes/films (smbfs, nodev)\n"

    monkeypatch.setattr(subprocess, "run", lambda *_, **__: Done)
    assert places._bsd_mounts() == [("/", "apfs"), ("/Volumes/films", "smbfs")]


def test_a_key_is_told_and_never_shown(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found("key of fal", "note")[0].message == "FAL_KEY or FAL_KEY_ID and FAL_KEY_SECRET is not set"
    monkeypatch.setenv("FAL_KEY", f"{KEY} and more")
    (one,) = found("key of fal", "error")
    assert "cannot be a key" in one.message
    monkeypatch.setenv("FAL_KEY", KEY)
    assert found("key of fal", "ok")[0].message == "FAL_KEY is set"
    shown = json.dumps(callsheet.doctor().to_json())
    assert not any(part in shown for part in (KEY, *KEY.split(":")))


def test_the_home_folder_is_not_shown(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(project.parent))
    monkeypatch.setenv("USERPROFILE", str(project.parent))
    shown = json.dumps(callsheet.doctor().to_json())
    assert "~/film" in shown and str(project.parent) not in shown


@pytest.mark.parametrize("home", [None, "nowhere/at/all", "callsheet.toml", ""])
def test_no_home_folder_is_needed(home: str | None, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(user: object) -> None:
        raise KeyError(user)

    pwd = pytest.importorskip("pwd")
    for name in ("HOME", "LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    for name in ("getpwuid", "getpwnam"):
        monkeypatch.setattr(pwd, name, unknown)
    if home is not None:
        monkeypatch.setenv("HOME", home and str(project / home))
    assert callsheet.doctor().ok
    done = CliRunner().invoke(main, ["doctor", "--json"], standalone_mode=False)
    assert done.exception is None, done.exception


def test_providers_are_asked_only_when_told(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Request] = []

    def fal(request: Request) -> Response:
        asked.append(request)
        return Response(404, {"detail": "not here"})

    monkeypatch.setattr(services.providers, "every_provider", lambda: ("fal",))
    with serve(fal) as url:
        monkeypatch.setenv("CALLSHEET_FAL_URL", url)
        assert not found("fal online") and not asked
        (one,) = found("fal online", online=True)
        assert (one.level, one.message) == ("ok", f"{url} answers (404)") and len(asked) == 1
        assert "authorization" not in asked[0].headers
        assert found("environment")[0].message.count("CALLSHEET_FAL_URL")
    (one,) = found("fal online", online=True)
    assert one.level == "error" and "could not be opened" in one.message and "network" in one.next_step
    monkeypatch.setenv("CALLSHEET_FAL_URL", "http://[::1")
    (one,) = found("fal online", online=True)
    assert one.level == "error" and one.next_step == "write http://127.0.0.1:PORT"


def test_what_cannot_be_looked_at_is_a_finding(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> Any:
        raise RuntimeError("no such thing")

    monkeypatch.setattr("callsheet.runtime.doctor.examine.services", broken)
    (one,) = found("providers")
    assert one.level == "error" and "RuntimeError: no such thing" in one.message


def test_the_exit_code_and_the_json_say_whether_something_is_wrong(project: Path) -> None:
    done = CliRunner().invoke(main, ["doctor", "--json"], standalone_mode=False)
    document = json.loads(done.output)
    assert (done.return_value, document["version"], document["ok"]) == (0, 1, True)
    bought(project, "UNKNOWN")
    done = CliRunner().invoke(main, ["doctor"], standalone_mode=False)
    assert done.return_value == 1 and "next: callsheet reconcile" in done.output
    assert done.output.rstrip().endswith("1 error")


def test_the_report_fits_a_terminal_and_each_trouble_has_a_next_step() -> None:
    long = "a " * 100
    findings = (Finding("ok", "Python", "3.11"), Finding("error", "a long subject", long, long))
    text = doctor_text(Doctor("0.1", "2026-12-01", False, findings), 80)
    assert max(map(len, text.splitlines())) <= 80 and "next: a a" in text
