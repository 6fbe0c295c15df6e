"""The lock file, read and written."""

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callsheet.dsl.diagnostics.render import render_all
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Source
from callsheet.errors import PipelineError
from callsheet.runtime.lock import Block, Decision, Lock, Made, Recipe, lock_path
from callsheet.runtime.lock.lines import Decided, Pin, Result, Schema, Section, Writer
from callsheet.runtime.lock.lock_file import LockFile
from callsheet.runtime.lock.model import joined
from callsheet.runtime.lock.read import canonical, parse
from callsheet.runtime.lock.read import read as content_of
from callsheet.runtime.lock.write import text as text_of
from tests.lock_files import decided, read, text

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
counts = st.integers(1, 999)
shas = st.binary(min_size=20, max_size=20).map(bytes.hex)
said = st.just("") | words
made = st.builds(
    Made,
    key=digests,
    uses=words,
    outputs=st.dictionaries(words, digests, max_size=3),
    usd=st.none() | st.integers(0, 10**9).map(lambda micros: micros / 10**6),
    refused=st.lists(digests, max_size=2).map(tuple),
)
signed = {"by": said, "at": said, "note": said}
decisions = st.one_of(
    st.builds(Decision, st.just("takes"), counts, **signed),
    st.builds(Decision, st.just("pick"), counts, st.just("") | digests, **signed),
    st.builds(Decision, st.just("approve"), st.just(0), digests, **signed),
    st.builds(Decision, st.just("reject"), st.just(0), digests, digests, **signed),
)
sections = st.just("") | words
lines = st.one_of(
    st.builds(Result, sections, words, made),
    st.builds(Decided, sections, words, decisions),
    st.builds(Pin, words, st.builds(Recipe, shas, digests, said, said)),
    st.builds(Schema, words, digests),
    st.builds(Section, words, st.lists(words, max_size=2).map(tuple)),
    st.builds(Writer, words),
)
files = st.lists(lines, max_size=6)
BUSY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""For a machine that does other work at the same time."""


@BUSY
@given(files)
def test_what_is_written_is_read(found: list) -> None:
    written, report = text_of(found), Report()
    content = parse(Source(Path("film.lock.yaml"), written), report)
    assert not report.failed, report.sorted()
    assert text_of(content.lines) == written
    assert all(line in found for line in content.lines)
    assert canonical(written) in (content, None)


@BUSY
@given(files, st.integers(0), st.sampled_from(["", "\n", " ", "a", "0", "pick: 1\n", '"']), st.integers(0, 9))
def test_the_quick_reader_reads_what_the_yaml_reader_reads(
    found: list, place: int, inserted: str, removed: int
) -> None:
    written = text_of(found)
    at = place % len(written)
    broken = written[:at] + inserted + written[at + removed :]
    quick = canonical(broken)
    if quick is not None:
        report = Report()
        assert (quick, report.failed) == (parse(Source(Path("film.lock.yaml"), broken), report), False)


@BUSY
@given(st.lists(decisions, max_size=4), st.lists(decisions, max_size=4))
def test_joined_decisions_are_all_there_but_for_fewer_takes(ours: list, theirs: list) -> None:
    found = joined((*ours, *theirs))
    for one in (*ours, *theirs):
        if one.kind == "takes":
            assert max(d.number for d in found if d.kind == "takes") >= one.number
        elif one.kind == "pick":
            assert any(d.number == one.number for d in found if d.kind == "pick")
        else:
            assert any(one.says_as(d) for d in found)
    assert joined(found) == found


def test_usual_locks_are_read_quickly() -> None:
    result = Made(DIGEST, "fal-ai/kling-video/v2.5-turbo/pro/text-to-video", {"images[0]": DIGEST}, 0.35)
    pick = Decision("pick", 2, DIGEST, by="Ann Ö.", at="2026-11-30T21:10:02Z", note="calmer, says Ben")
    lock = Lock(
        {"git+https://x.org/a.git@v1#b.yaml": Recipe("a1" * 20, DIGEST)},
        {"hf/Wan-AI/Wan2.1-T2V-14B@text-to-video": DIGEST},
        {
            'act["one"]/clip["dawn, late", "a b"]#2': Block(result, (pick,)),
            "film": Block(Made(DIGEST, "media/concat", {}, refused=(DIGEST, DIGEST))),
        },
    )
    assert canonical(text(lock)) is not None
    assert read_from(text(lock)) == lock


def read_from(written: str) -> Lock:
    from callsheet.runtime.lock.sections import lock_in

    content = canonical(written)
    assert content is not None
    return lock_in(content, "")


def test_a_lock_that_says_the_same_is_not_touched(tmp_path: Path) -> None:
    file, lock = LockFile(tmp_path / "film.yaml", lambda: None), Lock(endpoints={"fal-ai/a": DIGEST})
    assert file.write(lock)
    os.utime(file.path, ns=(1, 1))
    assert not file.write(lock)
    assert file.path.stat().st_mtime_ns == 1
    assert file.write(decided(lock, "clip", pick=2))
    assert read(file.path).block("clip").pick == 2


OLD = f"""\
# Written by callsheet, to be committed. After a merge: callsheet lock FILE
lock: 1

endpoints:
  fal-ai/a:
    {DIGEST}

instances:
  clip["a"]:
    {{takes: 3, pick: 2, approved: {DIGEST}, key: {DIGEST}, uses: fal-ai/a, usd: null, outputs: {{}}}}
"""


def test_version_1_is_read_and_rewritten_only_when_something_changes(tmp_path: Path) -> None:
    file = LockFile(tmp_path / "film.yaml", lambda: None)
    file.path.write_text(OLD)
    file.refresh()
    block = file.lock.block('clip["a"]')
    assert (block.takes, block.pick, block.approved, block.made.usd) == (3, 2, {DIGEST}, None)
    assert not file.write(file.lock)
    assert file.path.read_text() == OLD
    file.write(decided(file.lock, 'clip["a"]', pick=1))
    assert content_of(file.path).version == 2
    assert read(file.path) == decided(read_from(OLD), 'clip["a"]', pick=1)
    assert "\n- {callsheet: " in file.path.read_text()


def test_a_section_has_its_own_results_and_the_decisions_of_the_default_one(tmp_path: Path) -> None:
    pipeline = tmp_path / "film.yaml"
    usual, german = (LockFile(pipeline, lambda: None, section) for section in ("", "inputs-0123456789ab"))
    usual.write(decided(Lock(instances={"clip": Block(Made("a1" * 32, "fal-ai/a", {}))}), "clip", pick=2))
    german.refresh()
    assert german.lock.block("clip").made is None and german.lock.block("clip").pick == 2
    assert [made.key for made in german.lock.results()] == ["a1" * 32]
    mine = german.lock.with_block(
        "clip", Block(Made("b2" * 32, "fal-ai/a", {}), german.lock.block("clip").decisions)
    )
    german.write(mine, ["lang"])
    assert "inputs: [lang]" in german.path.read_text() and german.path.read_text().count("pick: ") == 1
    usual.refresh()
    assert usual.lock.block("clip").made.key == "a1" * 32
    german.write(decided(german.lock, "clip", pick=1), ["lang"])
    usual.refresh()
    assert (usual.lock.block("clip").pick, german.lock.block("clip").pick) == (2, 1)
    german.write(Lock())
    usual.refresh()
    assert usual.lock.block("clip").pick == 2


def test_nothing_to_say_makes_no_file(tmp_path: Path) -> None:
    file = LockFile(tmp_path / "film.yaml", lambda: None)
    assert not file.write(Lock())
    assert not file.path.exists() and read(file.path) == Lock()


def test_decisions() -> None:
    lock = decided(decided(Lock(), "clip", takes=3), "clip", pick=2, approved=DIGEST)
    block = lock.block("clip")
    assert (block.takes, block.pick, block.approved) == (3, 2, {DIGEST})
    rejected = lock.with_decision("clip", Decision("reject", digest=DIGEST, key="b2" * 32))
    assert rejected.block("clip").approved == frozenset() and rejected.declined.keys() == {"b2" * 32}
    assert decided(rejected, "clip", approved=DIGEST).declined == {}
    assert lock.with_block("clip", Block()) == Lock()


def test_the_lock_lies_beside_its_pipeline() -> None:
    assert lock_path(Path("films/film.yaml")) == Path("films/film.lock.yaml")
    assert lock_path(Path("film.cut.yml")) == Path("film.cut.lock.yaml")


BROKEN = {
    "empty": "",
    "another version": "lock: 3\nlines: []\n",
    "no version": "lines: []\n",
    "yes": "lock: true\n",
    "lines": f"""\
lock: 2
lines:
- {{pick: 'clip["a"]', number: second, digest: {DIGEST}, by: Ann}}
- {{pick: 'clip["a"]', digest: {DIGEST}}}
- {{reject: clip, digest: {DIGEST}, why: ugly}}
- {{made: clip, key: {DIGEST[:-1]}, uses: fal-ai/a, usd: 0.2, outputs: {{}}}}
- {{told: clip}}
- clip
""",
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
            content_of(path)
        said.append(f"--- {what}\n{render_all(caught.value.diagnostics)}\n")
    golden = Path(__file__).with_name("broken.txt")
    if "RENEW" in os.environ:
        golden.write_text("\n".join(said), encoding="utf-8")
    assert "\n".join(said) == golden.read_text(encoding="utf-8")


def test_a_lock_that_is_no_text_at_all_or_very_deep(tmp_path: Path) -> None:
    path = tmp_path / "film.lock.yaml"
    path.write_bytes(b"lock: 1\n\xff\x00")
    with pytest.raises(PipelineError, match="1 error"):
        content_of(path)
    path.write_text("lock: 1\ninstances: " + "[" * 100_000)
    with pytest.raises(PipelineError, match="1 error"):
        content_of(path)
    path.unlink()
    path.mkdir()
    with pytest.raises(PipelineError, match="1 error"):
        content_of(path)


def test_of_a_thousand_mistakes_twenty_are_shown(tmp_path: Path) -> None:
    path = tmp_path / "film.lock.yaml"
    path.write_text("lock: 1\ninstances:\n" + "".join(f"  a{i}: 3\n" for i in range(1000)))
    with pytest.raises(PipelineError) as caught:
        content_of(path)
    assert len(caught.value.diagnostics) == 20
