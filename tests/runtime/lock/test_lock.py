"""The lock file, read and written."""

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.dsl.diagnostics.render import render_all
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Source
from callsheet.errors import PipelineError
from callsheet.runtime.lock import Block, Lock, Made, Recipe, lock_path, read, text, write
from callsheet.runtime.lock.fast_read import canonical
from callsheet.runtime.lock.read import parse

DIGEST = hashlib.sha256(b"a film").hexdigest()
words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40) | st.sampled_from(
    [
        'clip["dawn"]',
        'act["one"]/clip["storm: at #4"]#2',
        "git+https://x.org/a@v1#b.yaml",
        "true",
        "1e3",
        "- a",
    ]
)
digests = st.integers(0, 2**256 - 1).map(lambda number: f"{number:064x}")
counts = st.none() | st.integers(1, 999)
made = st.builds(
    Made,
    key=digests,
    uses=words,
    outputs=st.dictionaries(words, digests, max_size=3),
    usd=st.integers(0, 10**9).map(lambda micros: micros / 10**6),
    refused=st.lists(digests, max_size=2).map(tuple),
)
blocks = st.builds(Block, st.none() | made, counts, counts, st.just("") | digests).filter(
    lambda block: block != Block()
)
locks = st.builds(
    Lock,
    st.dictionaries(
        words, st.builds(Recipe, st.binary(min_size=20, max_size=20).map(bytes.hex), digests), max_size=3
    ),
    st.dictionaries(words, digests, max_size=3),
    st.dictionaries(words, blocks, max_size=5),
)


@given(locks)
def test_what_is_written_is_read(lock: Lock) -> None:
    written = text(lock)
    report = Report()
    assert parse(Source(Path("film.lock.yaml"), written), report) == lock, report.sorted()
    assert canonical(written) in (lock, None)


@given(locks, st.integers(0), st.sampled_from(["", "\n", " ", "a", "0", "pick: 1\n", '"']), st.integers(0, 9))
def test_the_quick_reader_reads_what_the_yaml_reader_reads(
    lock: Lock, place: int, inserted: str, removed: int
) -> None:
    written = text(lock)
    at = place % len(written)
    broken = written[:at] + inserted + written[at + removed :]
    quick = canonical(broken)
    if quick is not None:
        report = Report()
        assert (quick, report.failed) == (parse(Source(Path("film.lock.yaml"), broken), report), False)


def test_usual_locks_are_read_quickly() -> None:
    block = Block(
        Made(DIGEST, "fal-ai/kling-video/v2.5-turbo/pro/text-to-video", {"images[0]": DIGEST}, 0.35), pick=2
    )
    lock = Lock(
        {"git+https://x.org/a.git@v1#b.yaml": Recipe("a1" * 20, DIGEST)},
        {"hf/Wan-AI/Wan2.1-T2V-14B@text-to-video": DIGEST},
        {
            'act["one"]/clip["dawn, late", "a b"]#2': block,
            "film": Block(Made(DIGEST, "media/concat", {}, refused=(DIGEST, DIGEST))),
        },
    )
    assert canonical(text(lock)) == lock


def test_a_lock_that_says_the_same_is_not_touched(tmp_path: Path) -> None:
    path, lock = tmp_path / "film.lock.yaml", Lock(endpoints={"fal-ai/a": DIGEST})
    assert write(lock, path)
    os.utime(path, ns=(1, 1))
    assert not write(lock, path)
    assert path.stat().st_mtime_ns == 1
    assert write(lock.with_decision("clip", pick=2), path)
    assert read(path).block("clip").pick == 2


def test_nothing_to_say_makes_no_file(tmp_path: Path) -> None:
    assert not write(Lock(), tmp_path / "film.lock.yaml")
    assert read(tmp_path / "film.lock.yaml") == Lock()


def test_decisions() -> None:
    lock = Lock().with_decision("clip", takes=3).with_decision("clip", pick=2, approved=DIGEST)
    assert lock.block("clip") == Block(None, 3, 2, DIGEST)
    assert lock.with_decision("clip", approved="").block("clip") == Block(None, 3, 2)
    assert lock.with_block("clip", Block()) == Lock()


def test_the_lock_lies_beside_its_pipeline() -> None:
    assert lock_path(Path("films/film.yaml")) == Path("films/film.lock.yaml")
    assert lock_path(Path("film.cut.yml")) == Path("film.cut.lock.yaml")


BROKEN = {
    "empty": "",
    "another version": "lock: 2\n",
    "not a mapping": "- a\n",
    "fields": f"""\
lock: 1
instances:
  clip:
    key: 12
    pick: second
    note: nice
    uses: fal-ai/a
    usd: -1
    outputs: {{video: {DIGEST}, seed: 3}}
  still:
    key: {DIGEST}
  film:
  cut: {{}}
endpoints: {{fal-ai/a: none}}
recipes:
  git+a: {{commit: main}}
""",
    "conflict": "lock: 1\ninstances:\n<<<<<<< HEAD\n  a: {pick: 1}\n=======\n  a: {pick: 2}\n>>>>>>> b\n",
    "yaml": "lock: 1\ninstances: [\n",
    "alias": "lock: 1\ninstances: &a\n  clip: *a\n",
}


def test_a_broken_lock_is_met_with_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = []
    for what, content in BROKEN.items():
        path = Path("film.lock.yaml")
        path.write_text(content)
        with pytest.raises(PipelineError) as caught:
            read(path)
        said.append(f"--- {what}\n{render_all(caught.value.diagnostics)}\n")
    golden = Path(__file__).with_name("broken.txt")
    if "RENEW" in os.environ:
        golden.write_text("\n".join(said), encoding="utf-8")
    assert "\n".join(said) == golden.read_text(encoding="utf-8")


def test_a_lock_that_is_no_text_at_all_or_very_deep(tmp_path: Path) -> None:
    path = tmp_path / "film.lock.yaml"
    path.write_bytes(b"lock: 1\n\xff\x00")
    with pytest.raises(PipelineError, match="1 error"):
        read(path)
    path.write_text("lock: 1\ninstances: " + "[" * 100_000)
    with pytest.raises(PipelineError, match="1 error"):
        read(path)
    path.unlink()
    path.mkdir()
    with pytest.raises(PipelineError, match="1 error"):
        read(path)


def test_of_a_thousand_mistakes_twenty_are_shown(tmp_path: Path) -> None:
    path = tmp_path / "film.lock.yaml"
    path.write_text("lock: 1\ninstances:\n" + "".join(f"  a{i}: 3\n" for i in range(1000)))
    with pytest.raises(PipelineError) as caught:
        read(path)
    assert len(caught.value.diagnostics) == 20
