"""Results under human names."""

import json
import os
import shutil
from pathlib import Path
from tempfile import mkdtemp
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from callsheet.errors import InputError
from callsheet.nodes.media import tags
from callsheet.nodes.media.inspector import MediaInspector
from callsheet.runtime.events import NodeFinished
from callsheet.runtime.graph.arguments import LocalFiles
from callsheet.runtime.output import owned_folder
from callsheet.runtime.output.out_folder import OutFolder
from callsheet.runtime.output.part_names import instance_names
from callsheet.runtime.output.provenance import reading
from callsheet.runtime.output.provenance.files import notes_beside
from callsheet.runtime.output.provenance.history import History
from callsheet.runtime.store import atomic as disk
from callsheet.runtime.workspace import Workspace
from callsheet.spec.node import Made
from callsheet.spec.types import IMAGE, INTEGER, JSON, STRING, VIDEO, Field, ListOf
from callsheet.spec.values import LocalFile, Ref
from callsheet.testing import fakes
from callsheet.testing.fakes import FakeInspector, fake_graph, fake_instance, fake_spec

IMAGES = fake_spec("fake/image", {"images": ListOf(IMAGE), "seed": INTEGER})
CLIP = fake_spec("fake/video")


def shown(folder="out"):
    """Every file below a folder, but not the manifest."""
    return sorted(
        str(p.relative_to(folder)) for p in Path(folder).rglob("*") if p.is_file() and p.name[0] != "."
    )


def below(folder):
    return sorted(path.name for path in Path(folder).iterdir())


def test_film_and_clips_have_names_a_person_would_choose(studio, storyboard):
    result = studio.run(storyboard())
    assert shown() == [
        "lighthouse/preview/film.mp4",
        "lighthouse/preview/parts/clip-dawn.mp4",
        "lighthouse/preview/parts/clip-storm.mp4",
        "lighthouse/preview/parts/keyframe-dawn-1.png",
        "lighthouse/preview/parts/keyframe-dawn-2.png",
        "lighthouse/preview/parts/keyframe-storm-1.png",
        "lighthouse/preview/parts/keyframe-storm-2.png",
    ]
    assert result.outputs == {"film": Path("out/lighthouse/preview/film.mp4")}


def test_media_are_links_into_the_store(studio, storyboard):
    studio.run(storyboard())
    assert Path("out/lighthouse/preview/film.mp4").stat().st_nlink >= 2


@pytest.mark.parametrize("why", ["the disk", "the system"])
def test_where_links_are_not_possible_there_are_copies(studio, storyboard, monkeypatch, why):
    def refuse(*_, **__):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    if why == "the system":
        monkeypatch.delattr(os, "link")
    assert studio.run(storyboard()).status == "done"
    film = Path("out/lighthouse/preview/film.mp4")
    assert film.stat().st_nlink == 1
    assert film.read_text().startswith("video media/join")


def test_an_output_named_like_its_node_is_one_file(studio):
    graph = fake_graph([fake_instance("film", CLIP)], {"film": Ref("film", ("video",))})
    studio.run(graph)
    assert shown() == ["fake/preview/film.mp4"]


def test_an_output_and_a_part_may_have_one_name(studio):
    instances = [fake_instance("film", CLIP), fake_instance("other", CLIP)]
    studio.run(fake_graph(instances, {"film": Ref("other", ("video",))}))
    assert shown() == ["fake/preview/film.mp4", "fake/preview/parts/film.mp4"]
    assert "other" in Path("out/fake/preview/film.mp4").read_text()


def test_a_list_is_named_by_keys_or_numbers(studio):
    clips = [fake_instance(f'clip["{key}"]', CLIP) for key in ("b", "a")]
    stills = fake_instance("stills", IMAGES)
    refs = [Ref(c.address, ("video",)) for c in clips]
    outputs = {"takes": refs, "boards": Ref("stills", ("images",)), "pair": [refs[0], refs[0]]}
    result = studio.run(fake_graph([*clips, stills], outputs))
    assert {n: [p.name for p in v] for n, v in result.outputs.items()} == {
        "takes": ["takes-b.mp4", "takes-a.mp4"],
        "boards": ["boards-01.png", "boards-02.png"],
        "pair": ["pair-01.mp4", "pair-02.mp4"],
    }


def test_text_and_json_are_files_too(studio):
    text = fake_instance("text", fake_spec("fake/text", {"text": STRING}))
    data = fake_instance("data", fake_spec("fake/json", {"n": INTEGER, "x": JSON}))
    clip = fake_instance("clip", CLIP)
    outputs = {"script": Ref("text", ("text",)), "sheet": {"n": 3, "clip": Ref("clip", ("video",))}}
    result = studio.run(fake_graph([text, data, clip], outputs))
    folder = Path("out/fake/preview")
    assert (folder / "script.txt").read_text() == "words"
    assert below(folder / "parts") == [".callsheet.jsonl", "data.json"], "the text is an output"
    assert (folder / "parts/data.json").read_text() == '{\n  "n": 7,\n  "x": null\n}'
    assert '"clip": "sheet-clip.mp4"' in (folder / "sheet.json").read_text()
    assert result.outputs["script"] == "words"
    assert result.outputs["sheet"] == {"n": 3, "clip": folder / "sheet-clip.mp4"}


HOSTILE = ["../../x", "CON", "a/b", "A/B", "🌅", "\\u001b[2J", "x" * 400, "nul", "..", "-rf", "\\u202egpm"]


def test_hostile_keys_stay_inside_and_apart(studio):
    clips = [fake_instance(f'clip["{key}"]', CLIP) for key in HOSTILE]
    assert studio.run(fake_graph(clips, name="../../evil")).status == "done"
    assert below("out") == ["evil"]
    assert len(shown()) == len({name.casefold() for name in shown()}) == len(HOSTILE)
    assert below(".") == [".callsheet", "out"]


def test_names_do_not_depend_on_who_ends_first():
    keys = ["a", "A", "a-2", "b/c", "b-c"]
    graph = fake_graph([fake_instance(f'clip["{key}"]', CLIP) for key in keys])
    assert [name for names in instance_names(graph).values() for name in names] == [
        "clip-a",
        "clip-A-2",
        "clip-a-2-2",
        "clip-b-c",
        "clip-b-c-2",
    ]


@pytest.mark.parametrize("keys", [["storm", "storm-2"], ["storm-2", "storm"]])
def test_a_second_picture_leaves_the_name_of_another_instance_alone(studio, keys):
    studio.provider.limit = 1
    studio.run(fake_graph([fake_instance(f'still["{key}"]', IMAGES) for key in keys]))
    made = {event.address: [Path(p).name for p in event.files] for event in studio.of(NodeFinished)}
    assert made == {
        'still["storm"]': ["still-storm-1.png", "still-storm--2.png"],
        'still["storm-2"]': ["still-storm-2-1.png", "still-storm-2-2.png"],
    }


@pytest.mark.parametrize("keys", [["", "thumb"], ["thumb", ""]])
def test_a_second_output_leaves_the_name_of_another_instance_alone(studio, keys):
    both = fake_spec("fake/both", {"video": VIDEO, "thumb": VIDEO})
    studio.provider.limit = 1
    studio.run(fake_graph([fake_instance(f'clip["{key}"]', both) for key in keys]))
    made = {event.address: [Path(p).name for p in event.files] for event in studio.of(NodeFinished)}
    assert made == {
        'clip[""]': ["clip.mp4", "clip--thumb.mp4"],
        'clip["thumb"]': ["clip-thumb.mp4", "clip-thumb-thumb.mp4"],
    }


def test_names_deep_inside_an_output_are_short_enough(studio):
    film = [Ref("clip", ("video",)), Ref("still", ("images", 0))]
    tree = {"k" * 200: {"l" * 200: {"m" * 200: film}}}
    instances = [fake_instance("clip", CLIP), fake_instance("still", IMAGES)]
    result = studio.run(fake_graph(instances, {"sheet": tree}))
    assert result.status == "done"
    assert max(len(name) for name in below("out/fake/preview")) < 140
    assert len(shown()) == 3


def test_what_no_longer_belongs_is_removed_if_it_is_ours(studio, storyboard):
    studio.run(storyboard(["dawn", "storm"]))
    Path("out/lighthouse/preview/notes.txt").write_text("mine")
    edited = Path("out/lighthouse/preview/parts/keyframe-storm-1.png")
    edited.unlink()
    edited.write_text("retouched by hand")
    studio.run(storyboard(["dawn"]))
    assert shown() == [
        "lighthouse/preview/film.mp4",
        "lighthouse/preview/notes.txt",
        "lighthouse/preview/parts/clip-dawn.mp4",
        "lighthouse/preview/parts/keyframe-dawn-1.png",
        "lighthouse/preview/parts/keyframe-dawn-2.png",
        "lighthouse/preview/parts/keyframe-storm-1.png",
    ]


def test_after_a_failure_the_last_good_film_stays(studio, storyboard):
    studio.run(storyboard(["dawn", "storm"]))
    before = Path("out/lighthouse/preview/film.mp4").read_bytes()
    studio.provider.failing = {'clip["noon"]': "refused"}
    studio.run(storyboard(["dawn", "noon"]))
    assert Path("out/lighthouse/preview/film.mp4").read_bytes() == before
    assert "lighthouse/preview/parts/clip-storm.mp4" in shown()


def test_a_manifest_cannot_name_files_elsewhere(studio, storyboard):
    Path("out/lighthouse/preview").mkdir(parents=True)
    precious = Path("precious.txt")
    precious.write_text("")
    digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    lines = [
        f'{{"name": "{n}", "sha256": "{digest}"}}\n' for n in ("../../precious.txt", str(precious.resolve()))
    ]
    Path("out/lighthouse/preview/.callsheet.jsonl").write_text("".join(lines) + "torn {")
    assert studio.run(storyboard()).status == "done"
    assert precious.exists()


def in_the_way(path: Path) -> None:
    path.parent.mkdir(parents=True)
    Path("precious.txt").write_text("precious")


def stamp(path: Path) -> tuple[int, int, int]:
    found = path.lstat()
    return found.st_ino, found.st_size, found.st_mtime_ns


STRANGE = {
    "a film of mine": lambda path: path.write_text("a cut of mine"),
    "an empty file": lambda path: path.touch(),
    "a link": lambda path: path.symlink_to(Path("precious.txt").resolve()),
    "a folder": lambda path: path.mkdir(),
}


@pytest.mark.parametrize("what", STRANGE)
def test_what_somebody_else_put_there_stays(studio, storyboard, what):
    film = Path("out/lighthouse/preview/film.mp4")
    in_the_way(film)
    STRANGE[what](film)
    before = stamp(film)
    for _ in range(2):
        result = studio.run(storyboard())
        assert result.outputs == {"film": film.with_name("film-2.mp4")}
        assert result.notes == (f"{film} is not from callsheet, so it stays; the result is film-2.mp4",)
    assert stamp(film) == before and Path("precious.txt").read_text() == "precious"
    film.rmdir() if film.is_dir() else film.unlink()
    result = studio.run(storyboard())
    assert result.outputs == {"film": film} and not result.notes
    assert not film.with_name("film-2.mp4").exists()


def test_a_preview_leaves_the_paid_film_alone(studio, storyboard):
    paid = studio.run(storyboard(), preview=False).outputs["film"]
    before = paid.read_bytes(), paid.stat()
    preview = studio.run(storyboard()).outputs["film"]
    assert (paid.parent.name, preview.parent.name) == ("lighthouse", "preview")
    assert (paid.read_bytes(), paid.stat()) == before


@pytest.mark.parametrize(
    "where", ["out/lighthouse", "out/lighthouse/preview", "out/lighthouse/preview/parts"]
)
def test_a_link_in_place_of_the_folder_is_refused(studio, storyboard, where):
    Path("out").mkdir()
    Path("elsewhere").mkdir()
    Path(where).parent.mkdir(exist_ok=True, parents=True)
    Path(where).symlink_to(Path("elsewhere").resolve())
    with pytest.raises(InputError, match="link to somewhere else"):
        studio.run(storyboard())
    assert below("elsewhere") == []


@pytest.mark.parametrize(
    "where", ["out", "out/lighthouse", "out/lighthouse/preview", "out/lighthouse/preview/parts"]
)
def test_a_file_in_place_of_the_folder_is_found_before_anything_runs(studio, storyboard, where):
    Path(where).parent.mkdir(exist_ok=True, parents=True)
    Path(where).write_text("")
    with pytest.raises(InputError, match="a file is in its way") as caught:
        studio.run(storyboard())
    assert "--out" in caught.value.next_step
    assert studio.provider.calls == []
    assert studio.heard == []


def test_a_folder_that_takes_no_file_is_found_before_anything_runs(studio, storyboard, monkeypatch):
    def refuse(*_, **__):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(InputError, match="nothing can be written to"):
        OutFolder(Path("out"), History(storyboard(), LocalFiles(FakeInspector()), preview=True))


def test_video_type_is_the_first_of_several_outputs(studio):
    both = fake_spec("fake/both", {"seed": INTEGER, "video": VIDEO, "thumb": IMAGE})
    studio.run(fake_graph([fake_instance("clip", both)]))
    assert shown() == ["fake/preview/parts/clip-thumb.png", "fake/preview/parts/clip.mp4"]
    (finished,) = [e for e in studio.heard if e.event == "node_finished"]
    assert finished.files == ("out/fake/preview/parts/clip.mp4", "out/fake/preview/parts/clip-thumb.png")


def test_a_link_in_place_of_the_manifest_is_not_written_through(studio, storyboard):
    Path("out/lighthouse/preview").mkdir(parents=True)
    Path("precious.txt").write_text("precious")
    Path("out/lighthouse/preview/.callsheet.jsonl").symlink_to(Path("precious.txt").resolve())
    with pytest.raises(InputError, match=r"\.callsheet\.jsonl could not be written"):
        studio.run(storyboard())
    assert studio.provider.calls == []
    assert Path("precious.txt").read_text() == "precious"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(), keys=st.lists(st.text(), min_size=1, max_size=4, unique=True))
def test_whatever_the_words_results_stay_in_their_folder(studio, name, keys):
    home = Path(mkdtemp(dir=Path.cwd()))
    clips = [fake_instance(f"clip[{json.dumps(key)}]", CLIP) for key in keys]
    refs = [Ref(clip.address, ("video",)) for clip in clips]
    result = studio.run(
        fake_graph(clips, {"film": refs}, name), out=home / "out", workspace=Workspace(state=home / "state")
    )
    assert result.status == "done"
    (folder,) = (home / "out").glob("*/preview")
    assert below(home) == ["out", "state"]
    made = {name.casefold() for name in below(folder) if name[0] != "."}
    assert len(made - {"parts"}) == len(keys)


def stamps(folder="out"):
    """Which file is where, and when it was last written."""
    files = (path for path in Path(folder).rglob("*") if path.is_file())
    return {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in files}


TEXT = fake_spec("fake/text", {"text": STRING})
DATA = fake_spec("fake/json", {"n": INTEGER, "x": JSON})


def everything():
    both = fake_spec("fake/both", {"video": VIDEO, "thumb": IMAGE})
    nodes = [("clip", CLIP), ("text", TEXT), ("data", DATA), ("both", both), ("stills", IMAGES)]
    outputs = {
        "film": Ref("clip", ("video",)),
        "clip": Ref("clip", ("video",)),
        "all": Ref("stills", ("images",)),
    }
    return fake_graph([fake_instance(name, spec) for name, spec in nodes], outputs)


def test_when_nothing_changed_nothing_is_written(studio, monkeypatch):
    studio.run(everything())
    before = stamps()
    written = []
    monkeypatch.setattr(owned_folder.tags, "write", lambda *_: written.append("note"))
    monkeypatch.setattr(owned_folder.disk, "move", lambda new, path, **_: written.append(path.name))
    result = studio.run(everything())
    assert (result.status, written) == ("done", [])
    assert stamps() == before


def test_what_was_changed_or_removed_is_put_back(studio):
    studio.run(everything())
    folder, parts = Path("out/fake/preview"), Path("out/fake/preview/parts")
    whole = {path: path.read_bytes() for path in folder.rglob("[!.]*.*")}
    (folder / "clip.mp4").unlink()
    (parts / "text.txt").write_text("other words")
    (parts / "data.json").unlink()
    (parts / "both.mp4").unlink()
    (parts / "both.mp4").write_text("a cut of mine")
    os.utime(folder / "film.mp4", ns=(1, 1))
    assert studio.run(everything()).status == "done"
    assert {path: path.read_bytes() for path in folder.rglob("[!.]*.*")} == whole


def test_a_manifest_stays_short(studio):
    for text in "abcdefgh":
        studio.run(fake_graph([fake_instance("clip", CLIP, {"x": text})]))
    assert len(Path("out/fake/preview/parts/.callsheet.jsonl").read_text().splitlines()) <= 3


@pytest.mark.parametrize(
    "line",
    [
        "{}",
        "[]",
        "null",
        '{"name": "film.mp4"}',
        "[" * 9_000,
        "\x00",
        '{"name": 1}',
        '{"name": "film.mp4", "sha256": "", "size": true, "mtime": 0}',
        '{"name": "film.mp4", "sha256": "", "size": 1, "mtime": 0, "note": ["x"]}',
    ],
)
def test_a_damaged_manifest_is_made_anew(studio, line):
    studio.run(everything())
    Path("out/fake/preview/.callsheet.jsonl").write_text(f"{line}\n")
    assert studio.run(everything()).status == "done"
    before = stamps()
    studio.run(everything())
    assert stamps() == before


def picture(path, job):
    Image.new("RGB", (64, 36), (len(job.address) * 9 % 255, 80, 120)).save(path)


@pytest.fixture
def pictures(studio, monkeypatch):
    """Images are real ones, so that they carry notes."""
    monkeypatch.setattr(fakes, "made", real(fakes.made))
    monkeypatch.setattr("callsheet.runtime.store.blobs.MediaInspector", MediaInspector)
    return studio


def real(made):
    def image_or(t, job, place):
        if t != IMAGE:
            return made(t, job, place)
        path = job.workdir / f"{place}.png"
        picture(path, job)
        return Made("image", path)

    return image_or


STILL = fake_spec("fake/still", {"image": IMAGE}, {"of": Field(IMAGE), "prompt": Field(STRING)})


def stills(prompt="lamp", name="second"):
    first = fake_instance("first", STILL, {"prompt": prompt})
    second = fake_instance(name, STILL, {"of": Ref("first", ("image",))})
    return fake_graph([first, second], {"film": Ref(name, ("image",)), name: Ref(name, ("image",))})


def note_in(name):
    found = next(Path("out/fake/preview").rglob(name))
    return reading.read(tags.texts(found))


def test_every_image_tells_what_made_it(pictures):
    pictures.run(stills(), slate="off")
    assert shown() == ["fake/preview/film.png", "fake/preview/parts/first.png", "fake/preview/second.png"]
    assert note_in("film.png") == note_in("second.png")
    found = note_in("second.png")
    assert (found.address, found.path, found.making.uses) == ("second", ("image",), "fake/still")
    assert found.before["first"].parameters == {"prompt": "lamp"}
    blob = disk.digest(next(Path(".callsheet/preview/blobs").rglob(f"*{found.sha256[2:]}.png")))
    assert blob == found.sha256, "what is in the store stays as it is"
    with Image.open("out/fake/preview/second.png") as image:
        assert image.size == (64, 36)


def test_a_note_is_written_once_and_again_when_what_it_tells_of_changed(pictures):
    pictures.run(stills())
    before = stamps()
    pictures.run(stills())
    assert stamps() == before
    pictures.run(stills(prompt="storm"))
    assert note_in("first.png").making.parameters == {"prompt": "storm"}


def test_a_new_name_gets_a_new_note(pictures):
    pictures.run(stills())
    pictures.run(stills(name="third"))
    assert shown() == ["fake/preview/film.png", "fake/preview/parts/first.png", "fake/preview/third.png"]
    assert note_in("film.png").address == note_in("third.png").address == "third"


def test_an_image_that_cannot_take_a_note_is_shown_without(pictures, monkeypatch):
    monkeypatch.setattr(tags.tags.png, "with_text", lambda *_: None)
    assert pictures.run(stills(), slate="off").status == "done"
    second = Path("out/fake/preview/second.png")
    assert note_in("second.png") is None
    assert second.stat().st_nlink >= 2
    entries = [
        json.loads(line) for line in Path("out/fake/preview/.callsheet.jsonl").read_text().splitlines()
    ]
    assert not any(entry.get("noted") for entry in entries)
    assert reading.read(notes_beside(second)).address == "second", "the manifest has it"
    shutil.copytree("out", "elsewhere")
    assert reading.read(notes_beside(Path("elsewhere/fake/preview/second.png"))).address == "second"
    second.unlink()
    second.write_bytes(Path("out/fake/preview/parts/first.png").read_bytes() + b"\0")
    assert list(notes_beside(second)) == [], "it is another file"


def test_no_note_holds_a_folder_of_this_machine(pictures):
    Path("art").mkdir()
    picture(Path("art/hero.png"), SimpleNamespace(address="hero"))
    hero = LocalFile("image", Path.cwd() / "art/hero.png")
    pictures.run(fake_graph([fake_instance("first", STILL, {"of": hero, "prompt": "x"})]))
    assert note_in("first.png").making.parameters["of"].name == "art/hero.png"
    raw = Path("out/fake/preview/parts/first.png").read_bytes()
    assert str(Path.cwd()).encode() not in raw and str(Path.home()).encode() not in raw


def test_threads_may_place_at_once(pictures):
    pictures.provider.limit = 8
    many = [fake_instance(f'still["{i}"]', STILL, {"prompt": str(i)}) for i in range(24)]
    assert pictures.run(fake_graph(many)).status == "done"
    for i in range(24):
        assert note_in(f"still-{i}.png").making.parameters == {"prompt": str(i)}
