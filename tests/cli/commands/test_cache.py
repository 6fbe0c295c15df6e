"""`callsheet cache`, as it is typed."""

import hashlib
import os
import time
from pathlib import Path

import pytest
from PIL import Image

from callsheet.runtime.lock import Block, Lock, Made
from callsheet.runtime.store import atomic as disk
from tests.lock_files import write

SHEETS = """\
callsheet: 1
name: sheets
inputs:
  hero: {type: image, default: ./hero.png}
axes:
  width: {over: [200, 300]}
nodes:
  still:
    each: width
    uses: media/fit_image
    with: {image: "${{ inputs.hero }}", width: "${{ width }}", height: 100}
outputs:
  all: ${{ still.image }}
"""


@pytest.fixture
def film(callsheet):
    """Two stills of this film, both named by its lock; two that no lock names any more; two previews."""
    Image.new("RGB", (64, 36), "navy").save("hero.png")
    Path("film.yaml").write_text(SHEETS.replace("[200, 300]", "[400, 500]"))
    assert callsheet("run", "film.yaml", "--output", "quiet")[0] == 0
    for blob in blobs():
        os.utime(blob, (1, time.time() - 86_400 * 10))
    Path("film.yaml").write_text(SHEETS)
    assert callsheet("run", "film.yaml", "--output", "quiet")[0] == 0
    assert callsheet("run", "film.yaml", "--preview", "--output", "quiet")[0] == 0


def blobs(root=".callsheet"):
    return sorted(Path(root, "blobs").glob("??/*"))


def test_ls_counts_by_kind_and_lists_the_newest_first(callsheet, film):
    code, out, _ = callsheet("cache", "ls")
    first, second = out.splitlines()
    assert code == 0
    assert first.startswith("results: 4 files, ") and "(4 images " in first
    assert second.startswith("previews: 2 files, ")
    _, out, _ = callsheet("cache", "ls", "-v")
    times = [line.split()[0] for line in out.splitlines()[1:5]]
    assert times == sorted(times, reverse=True) and len(set(times)) == 2


def test_an_empty_store(callsheet, film, tmp_path_factory):
    os.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert callsheet("cache", "ls")[1] == "results: 0 files, 0 B\npreviews: 0 files, 0 B\n"
    assert callsheet("cache", "gc", "--yes")[1] == "deleted: 0 files, 0 B\nkept: 0 files, 0 B\n"


def test_gc_says_what_would_go_and_changes_nothing(callsheet, film):
    before = blobs(), blobs(".callsheet/preview")
    code, out, _ = callsheet("cache", "gc")
    goes, stays, how = out.splitlines()
    assert code == 0
    assert goes.startswith("would be deleted: 4 files, ") and stays.startswith("kept: 2 files, ")
    assert how == "--yes deletes them"
    assert callsheet("cache", "gc", "--yes", "--dry-run")[1].startswith("would be deleted: 4 files, ")
    assert (blobs(), blobs(".callsheet/preview")) == before


def test_gc_keeps_what_a_lock_names_and_out_stays_whole(callsheet, film):
    shown = {path: path.read_bytes() for path in Path("out").rglob("*.png")}
    code, out, _ = callsheet("cache", "gc", "--yes")
    assert (code, len(blobs()), len(blobs(".callsheet/preview"))) == (0, 2, 0)
    assert out.startswith("deleted: 4 files, ")
    assert {path: path.read_bytes() for path in Path("out").rglob("*.png")} == shown
    _, out, _ = callsheet("run", "film.yaml", "--output", "plain")
    assert "2 reused" in out


def test_gc_of_everything_leaves_out_whole_and_all_can_be_made_again(callsheet, film):
    shown = {path: disk.digest(path) for path in Path("out").rglob("*.png")}
    assert callsheet("cache", "gc", "--all", "--yes")[1].endswith("kept: 0 files, 0 B\n")
    assert blobs() == blobs(".callsheet/preview") == []
    assert {path: disk.digest(path) for path in Path("out").rglob("*.png")} == shown and len(shown) == 4
    for path in shown:
        assert Image.open(path).size[1] == 100
    assert callsheet("run", "film.yaml", "--output", "quiet")[0] == 0
    assert len(blobs()) == 2


def test_gc_by_age_and_by_size(callsheet, film):
    sizes = sorted(path.stat().st_size for path in [*blobs(), *blobs(".callsheet/preview")])
    assert callsheet("cache", "gc", "--older-than", "11d")[1].startswith("would be deleted: 0 files")
    assert callsheet("cache", "gc", "--older-than", "9d")[1].startswith("would be deleted: 2 files")
    assert callsheet("cache", "gc", "--max-size", f"{sum(sizes)}B")[1].startswith("would be deleted: 0 files")
    assert callsheet("cache", "gc", "--max-size", f"{sum(sizes) - 1}B")[1].startswith(
        "would be deleted: 1 file,"
    )
    assert callsheet("cache", "gc", "--max-size", "0B")[1].startswith("would be deleted: 4 files")
    assert callsheet("cache", "gc", "--max-size", "0B", "--all")[1].startswith("would be deleted: 6 files")


def test_locks_in_all_folders_of_the_project_count_and_those_of_others_do_not(callsheet, film):
    old = [path for path in blobs() if path.stat().st_atime == 1]
    digest = old[0].parent.name + old[0].stem
    lock = Lock(instances={"a": Block(Made("0a" * 32, "media/a", {"image": digest}))})
    Path("films/one").mkdir(parents=True)
    write(lock, Path("films/one/film.lock.yaml"))
    Path("conda.lock.yaml").write_text("version: 1\npackage: [\n")
    assert callsheet("cache", "gc")[1].startswith("would be deleted: 3 files")


def test_a_lock_that_cannot_be_read_is_not_ignored(callsheet, film):
    Path("film.lock.yaml").write_text("lock: 1\n<<<<<<< HEAD\n")
    code, out, err = callsheet("cache", "gc", "--yes")
    assert (code, out) == (1, "")
    assert err.startswith("error: film.lock.yaml cannot be read, so nobody knows what it names\n")
    assert len(blobs()) == 4


def test_gc_waits_for_nobody_and_takes_nothing_from_who_is_at_work(callsheet, film):
    work = Path(f".callsheet/work/{os.getpid()}-job")
    work.mkdir()
    code, _, err = callsheet("cache", "gc", "--yes")
    assert code == 1 and f"process {os.getpid()} is at work" in err
    assert len(blobs()) == 4


@pytest.mark.parametrize("option", [("--older-than", "soon"), ("--max-size", "10 parsecs")])
def test_a_quantity_that_is_none(callsheet, film, option):
    code, _, err = callsheet("cache", "gc", *option)
    assert code == 1 and "write a number and a unit" in err


def test_verify(callsheet, film):
    assert callsheet("cache", "verify") == (0, "6 files, 0 damaged\n", "")
    path = blobs()[0]
    path.chmod(0o644)
    path.write_bytes(b"x")
    code, out, err = callsheet("cache", "verify")
    assert (code, out) == (1, "6 files, 1 damaged\n") and str(path) in err


@pytest.mark.parametrize("words", [["verify"], ["gc"], ["gc", "--yes"]])
def test_a_shared_store_that_is_not_there(callsheet, film, words):
    """A name that is mistyped is no store without mistakes."""
    code, out, err = callsheet("cache", *words, "--store", "comon")
    assert (code, out) == (1, "") and "there is no folder" in err and "comon" in err


def test_verify_a_shared_store(callsheet, film):
    assert callsheet("lock", "film.yaml", "--store", "common")[0] == 0
    assert callsheet("cache", "verify", "--store", "common") == (0, "2 files, 0 damaged\n", "")
    path = blobs("common")[0]
    path.chmod(0o644)
    path.write_bytes(b"x")
    name = hashlib.sha256(b"x").hexdigest()
    code, out, err = callsheet("cache", "verify", "--store", "common")
    assert (code, out) == (1, "2 files, 1 damaged\n")
    assert name not in err and path.name in err


def test_a_project_is_forgotten_only_in_a_named_store(in_folder, callsheet):
    code, out, err = callsheet("cache", "gc", "--forget", "old", "--yes")
    assert (code, out) == (2, "") and "name it with --store" in err
