"""Notes inside of files: what goes in comes out, within bounds, without secrets; and makes the file again."""

import base64
import json
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import callsheet
from callsheet.errors import InputError
from callsheet.nodes.media.tags import LONGEST
from callsheet.runtime.graph.arguments import LocalFiles
from callsheet.runtime.output.provenance.files import code_in
from callsheet.runtime.output.provenance.history import History
from callsheet.runtime.output.provenance.pipeline import pipeline
from callsheet.runtime.output.provenance.reading import Unreadable, read
from callsheet.runtime.output.provenance.record import FromFile, FromInstance, Making, Provenance
from callsheet.runtime.output.provenance.writing import text
from callsheet.spec.media import Artifact
from callsheet.spec.types import IMAGE, STRING, VIDEO, Field, ListOf
from callsheet.spec.values import LocalFile, Ref, SecretName
from callsheet.testing.fakes import FakeInspector, fake_graph, fake_instance, fake_spec

KINDS = ["image", "video", "audio", "file"]
A, B = "a" * 64, "b" * 64
STILL = "fal-ai/hunyuan-image/v3/text-to-image"
CLIP = "fal-ai/veo3.1/fast/first-last-frame-to-video"
FILM = Artifact("video", Path("blob"), "f" * 64)
FRAME = FromInstance("image", 'still["dawn"]', ("images", 0), A)


def note(parameters=None, before=None, **more):
    making = Making(STILL, {"prompt": "a lamp"} if parameters is None else parameters)
    facts = {"version": "0.1.0", "pipeline": "film", "preview": False, "address": "still", "kind": "image"}
    return Provenance(
        **{**facts, "path": ("images", 0), "sha256": B, "making": making, "before": before or {}, **more}
    )


def through(provenance, secrets=()):
    written = text(provenance, secrets)
    assert len(written.encode()) <= LONGEST
    return read([written])


names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
digests = st.text("0123456789abcdef", min_size=64, max_size=64)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40).filter(lambda t: ":" not in t)
steps = st.one_of(st.integers(0, 99), st.from_regex(r"[A-Za-z_][\w .-]{0,5}", fullmatch=True))
paths = st.lists(steps, min_size=1, max_size=4).map(tuple)
media = st.one_of(
    st.builds(FromInstance, st.sampled_from(["image", "video"]), names, paths, digests),
    st.builds(
        FromFile, st.just("audio"), st.from_regex(r"[a-z]{1,5}(/[a-z ü]{1,5})?", fullmatch=True), digests
    ),
    st.builds(SecretName, st.from_regex(r"[A-Z_]{1,9}", fullmatch=True)),
)
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), texts
)
keys = st.one_of(names, st.sampled_from(["$from", "$$x", "$", "callsheet", "secret"]))
values = st.recursive(
    st.one_of(scalars, media),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=3)),
    max_leaves=8,
)
makings = st.builds(
    Making, st.sampled_from([STILL, CLIP, "hf/Wan-AI/Wan2.1-T2V-14B@text-to-video"]),
    st.dictionaries(keys, values, max_size=4), st.one_of(st.none(), st.integers(0, 9)), st.integers(1, 4),
)  # fmt: skip
provenances = st.builds(
    Provenance, names, names, st.booleans(), names, paths, st.sampled_from(KINDS), digests,
    makings, st.one_of(st.none(), st.just(0.25)), st.dictionaries(names, makings, max_size=3),
)  # fmt: skip


@given(provenances)
def test_what_is_written_is_read(provenance):
    assert through(provenance) == provenance


@pytest.mark.parametrize("clips", [1, 10, 100, 250])
def test_a_long_way_is_packed(clips):
    words = "a keeper climbs the spiral stair with a lantern, number {}"
    before = {f'clip["{i}"]': Making(CLIP, {"prompt": words.format(i)}) for i in range(clips)}
    provenance = note(before=before)
    assert through(provenance) == provenance
    assert ('"before":"' in text(provenance)) == (clips >= 100)
    assert '"with":{"prompt":"a lamp"}' in text(provenance)


def test_what_does_not_fit_is_cut_and_says_so():
    noise = [f"{i:064x}" for i in (7**n % 2**256 for n in range(9_000))]
    before = {f"clip{i}": Making(CLIP, {"prompt": n}) for i, n in enumerate(noise)}
    assert through(note(before=before)) == note(cut=True)
    long = note({"prompts": noise}, before)
    assert through(long) == replace(long, making=Making(STILL, None), before={}, cut=True)
    assert through(note({"prompt": "x" * 9_000_000})).cut, "longer than a reader unpacks"


SECRET = 'planted "key" ü/9d4c:second+half=1'


@pytest.mark.parametrize(
    "hidden",
    [
        note({"prompt": f"say {SECRET}", "other": [{"x": SECRET}]}),
        note({SECRET: 1}),
        note({"prompt": "second+half=1"}),
        note(before={"clip": Making(CLIP, {"prompt": SECRET})}),
        note({"image_url": "https://me:pass9word@example.com/x.png?token=abcdefgh#frag"}),
        note({"image_url": "data:image/png;base64,c2Vjb25kK2hhbGY9MQ=="}),
        note({"prompt": [SECRET] * 900}),
    ],
)
def test_secrets_are_taken_out(hidden):
    written = text(hidden, [SECRET])
    found = read([written])
    everything = repr(found)
    assert found.hidden
    for secret in ("9d4c", "second+half", "pass9word", "abcdefgh", "c2Vjb25k"):
        assert secret not in written + everything


def test_a_secret_in_a_name_is_taken_out():
    assert SECRET not in text(note(pipeline=SECRET, address=SECRET), [SECRET])


def test_other_texts_are_passed_over():
    assert read([]) is None
    assert read(["made by hand", '{"prompt": 1}', '["callsheet"]', ""]) is None
    assert read(["made by hand", text(note())]) == note()


def damaged(**changes):
    whole = json.loads(text(note()))
    return json.dumps({name: value for name, value in {**whole, **changes}.items() if value is not ...})


BOMB = base64.b64encode(zlib.compress(b"[" + b"0," * 40_000_000 + b"0]", 9)).decode()[:50_000]
HOSTILE = {
    '{"callsheet": 1': "damaged",
    '{"callsheet": 1, "version": NaN}': "damaged",
    '{"callsheet":' + "[" * 50_000: "damaged",
    '{"callsheet": true}': "missing",
    damaged(callsheet=2): "newer callsheet",
    damaged(callsheet="1"): "format is not known",
    damaged(version=...): "`version` is missing",
    damaged(pipeline=["x"]): "`pipeline`",
    damaged(address=...): "`address`",
    damaged(output=[]): "names an output",
    damaged(output=[True]): "names an output",
    damaged(output=[-1]): "names an output",
    damaged(output=['x"] | evil']): "names an output",
    damaged(output=["x"] * 99): "names an output",
    damaged(kind="executable"): "kind of media",
    damaged(kind=["image"]): "kind of media",
    damaged(sha256="0"): "digest",
    damaged(take=0): "a take that cannot be",
    damaged(take=1_001): "a take that cannot be",
    damaged(take=True): "a take that cannot be",
    damaged(uses="../evil.py#run"): "nothing that callsheet runs",
    damaged(uses="./../evil.py#run"): "nothing that callsheet runs",
    damaged(uses="./a.py#run\n"): "nothing that callsheet runs",
    damaged(uses="./recipes/board.yaml"): "nothing that callsheet runs",
    damaged(uses="git+https://example.com/x@main"): "nothing that callsheet runs",
    damaged(uses="recipe/board"): "nothing that callsheet runs",
    damaged(uses="a/b\nnodes:"): "nothing that callsheet runs",
    damaged(**{"with": []}): "`with`",
    damaged(**{"with": {"x": {"$file": "../../etc/passwd", "$kind": "image", "$sha256": A}}}): "reference",
    damaged(**{"with": {"x": {"$file": "/etc/passwd", "$kind": "image", "$sha256": A}}}): "reference",
    damaged(**{"with": {"x": {"$file": "a//b", "$kind": "image", "$sha256": A}}}): "reference",
    damaged(**{"with": {"x": {"$file": "a\0b", "$kind": "image", "$sha256": A}}}): "reference",
    damaged(**{"with": {"x": {"$secret": "A B"}}}): "reference",
    damaged(**{"with": {"x": {"$from": 1, "$output": [0]}}}): "reference",
    damaged(**{"with": {"x": {"$eval": "1"}}}): "reference",
    damaged(**{"with": "!!!"}): "damaged",
    damaged(**{"with": base64.b64encode(b"not deflated").decode()}): "damaged",
    damaged(before=BOMB): "longer than callsheet",
    damaged(before={"x": 1}): "`before`",
    damaged(before={"x": {"uses": 1}}): "`uses`",
    damaged(before={str(i): {} for i in range(20_001)}): "too many",
    damaged(**{"with": json.loads("[" * 60 + "]" * 60)}): "nested too deeply",
}


@pytest.mark.parametrize("written", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_note_is_refused_in_words(written):
    with pytest.raises(Unreadable, match=HOSTILE[written]):
        read([written])


@settings(max_examples=200)
@given(st.data())
def test_any_change_of_a_note_is_read_or_refused(data):
    whole = json.loads(text(note({"x": [FRAME], "y": {"z": 1}}, {"still": Making(STILL, {"prompt": "x"})})))
    name = data.draw(st.sampled_from(sorted(whole)))
    whole[name] = data.draw(values.map(lambda v: json.loads(json.dumps(v, default=str))))
    try:
        read([json.dumps(whole)])
    except Unreadable as error:
        assert str(error)


def checked(written, folder):
    (folder / "again.yaml").write_text(written, encoding="utf-8")
    result = callsheet.check(folder / "again.yaml")
    assert result.ok, [d.message for d in result.diagnostics]
    return result.graph


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    prompt=st.one_of(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
        st.lists(
            st.sampled_from(
                ["${{", "}}", "${%", "%}", "${#", "$", "{", "'", '"', "\\", "\n", " ", "x", ": ", "#"]
            )
        ).map("".join),
        st.sampled_from(
            [
                "null",
                "yes",
                "012",
                "1e3",
                "16:9",
                "- x",
                "? y",
                "&a",
                "*a",
                "!t",
                "|",
                ">",
                "%",
                "@",
                "`",
                "~",
            ]
        ),
    )
)
def test_every_text_is_written_back_as_it_is(tmp_path, prompt):
    graph = checked(pipeline(note({"prompt": prompt, "seed": 7}), {}, {}).text, tmp_path)
    assert graph.instances["still"].params == {"prompt": prompt, "seed": 7}


def test_a_chain_is_written_back_in_its_order(tmp_path):
    before = {
        'act/clip["Dawn"]': Making(CLIP, {"prompt": "x", "first_frame_url": FRAME, "last_frame_url": FRAME}),
        'still["dawn"]': Making(STILL, {"prompt": "y", "image_size": {"width": 640, "height": 360}}),
        "still_dawn": Making("fal-ai/veo3.1/fast/image-to-video", {"prompt": "z", "image_url": FRAME}),
    }
    clips = [FromInstance("video", a, ("video",), A) for a in ('act/clip["Dawn"]', "still_dawn")]
    film = note(
        address="next",
        path=("video",),
        kind="video",
        before=before,
        making=Making("media/concat", {"videos": clips}),
    )
    graph = checked(pipeline(film, {}, {}).text, tmp_path)
    assert list(graph.instances) == ["still_dawn", "act_clip_dawn", "still_dawn_2", "node_next"]
    assert graph.instances["node_next"].params["videos"] == [
        Ref("act_clip_dawn", ("video",)),
        Ref("still_dawn_2", ("video",)),
    ]
    assert graph.outputs == {"node_next": Ref("node_next", ("video",))}
    assert graph.name == "film-node-next", (
        "a folder of its own, or the results of the film would be cleared away"
    )


@pytest.mark.parametrize(
    ("provenance", "message"),
    [
        (note(cut=True), "did not fit"),
        (note({"image_url": FRAME}), "does not say how"),
        (note({"x": {"secret": "FAL_KEY"}}), "for a secret"),
        (note({"x": [[{"secret": "FAL_KEY"}]]}), "for a secret"),
        (note({"x": FRAME}, {'still["dawn"]': Making(STILL, None)}), "leaves out"),
    ],
)
def test_what_cannot_be_written_back_is_said(provenance, message):
    with pytest.raises(InputError, match=message):
        pipeline(provenance, {}, {})


def test_a_circle_ends(tmp_path):
    """No run has made one, so a check of what is written says what is wrong."""
    before = {'still["dawn"]': Making(STILL, {"prompt": "x", "image_url": FRAME})}
    (tmp_path / "x.yaml").write_text(pipeline(note({"prompt": "y", "image_url": FRAME}, before), {}, {}).text)
    assert not callsheet.check(tmp_path / "x.yaml").ok


class Told(History):
    """One of which all instances are told, each from all before it."""

    def made(self, address, outputs):
        results = self._results.get(next(iter(self._results), ""), {})
        super().made(self.graph.instances[address], outputs, f"key of {address}", results)
        results[address] = outputs


class TestHistory:
    IMAGE_SPEC = fake_spec("fake/image", {"images": ListOf(IMAGE), "seed": STRING})
    CLIP_SPEC = fake_spec(
        "fake/clip", {"video": VIDEO}, {"first": Field(IMAGE), "style": Field(STRING, default="plain")}
    )

    def artifact(self, kind, digest, recipe=""):
        return Artifact(kind, Path("blob"), digest, recipe=recipe)

    def history(self, instances, preview=False):
        return Told(fake_graph(instances, name="film"), LocalFiles(FakeInspector()), preview)

    def test_it_tells_the_way_of_media_and_nothing_of_texts(self, in_folder):
        Path("mine.png").write_text("image by hand")
        still = fake_instance(
            "still", self.IMAGE_SPEC, {"prompt": "lamp", "mask": LocalFile("image", Path("mine.png"))}
        )
        words = fake_instance("words", fake_spec("fake/text", {"text": STRING}))
        params = {
            "first": Ref("still", ("images", 1)),
            "prompt": Ref("words", ("text",)),
            "key": SecretName("STYLE"),
        }
        clip = fake_instance("clip", self.CLIP_SPEC, params)
        history = self.history([still, words, clip], preview=True)
        history.made("still", {"images": [self.artifact("image", A), self.artifact("image", B)], "seed": 42})
        history.made("words", {"text": "spoken"})
        made = self.artifact("video", "c" * 64)
        history.made("clip", {"video": made})
        found = history.provenance("clip", ("video",), made)
        assert found.preview and (found.address, found.path, found.sha256) == ("clip", ("video",), "c" * 64)
        assert found.making == Making(
            "fake/clip",
            {
                "first": FromInstance("image", "still", ("images", 1), B),
                "prompt": "spoken",
                "key": SecretName("STYLE"),
            },
        )
        mask = found.before["still"].parameters["mask"]
        assert (mask.name, mask.kind) == ("mine.png", "image")
        assert found.before["still"].seed == 42
        assert list(found.before) == ["still"]

    def test_what_stood_in_for_an_instance_is_told_as_that_instance(self, in_folder):
        still, lost = fake_instance("still", self.IMAGE_SPEC), fake_instance("lost", self.IMAGE_SPEC)
        refs = {"first": [Ref("still", ("images", 0)), Ref("lost", ("images", 0))]}
        film = fake_instance("film", self.CLIP_SPEC, refs)
        history = self.history([still, lost, film])
        slate, made = self.artifact("image", B), {"images": [self.artifact("image", A)]}
        history.made("still", made)
        History.made(history, film, {"video": FILM}, "key", {"still": made, "lost": {"images": [slate]}})
        found = history.provenance("film", ("video",), FILM)
        assert [leaf.address for leaf in found.making.parameters["first"]] == ["still", "lost"]
        assert list(found.before) == ["still"]
        with pytest.raises(InputError, match="does not say how lost was made"):
            pipeline(found, {}, {})

    def test_odd_names_of_files_are_read_again(self, in_folder):
        for name in ("shot: 1.png", "back\\slash.png", "👨\u200d👩.png", "\u202egpj.png"):
            assert through(note({"x": FromFile("image", name, A)})).making.parameters["x"].name == name

    def test_code_beside_the_pipeline_is_told_by_its_path_in_the_project(self, in_folder):
        spec = fake_spec("./nodes/slate.py#slate", {"image": IMAGE}, provider="local")
        card = fake_instance("card", spec)
        graph = replace(fake_graph([card]), path=Path("films/film.yaml"))
        history = History(graph, LocalFiles(FakeInspector()), preview=False)
        history.made(card, {"image": self.artifact("image", A)}, "key", {})
        found = through(history.provenance("card", ("image",), self.artifact("image", A)))
        assert found.making.uses == "./films/nodes/slate.py#slate"
        assert code_in(found, Path("again.yaml")) == {found.making.uses: "./films/nodes/slate.py#slate"}
        assert code_in(found, Path("films/again.yaml")) == {found.making.uses: "./nodes/slate.py#slate"}
        code = code_in(found, Path("films/again.yaml"))
        assert 'uses: "./nodes/slate.py#slate"\n' in pipeline(found, {}, code).text

    def test_a_file_outside_of_the_project_is_told_by_its_name_alone(self, in_folder, tmp_path_factory):
        mine = tmp_path_factory.mktemp("elsewhere") / "mine.png"
        mine.write_text("image by hand")
        clip = fake_instance("clip", self.CLIP_SPEC, {"first": LocalFile("image", mine)})
        history = self.history([clip])
        history.made("clip", {"video": self.artifact("video", A)})
        found = history.provenance("clip", ("video",), self.artifact("video", A))
        assert found.making.parameters["first"].name == "mine.png"

    def test_equal_bytes_of_different_recipes_are_told_apart(self, in_folder):
        """The key of what follows depends on the recipe, so the way must lead through the right one."""
        spec = fake_spec("media/x", provider="local")
        one, two = fake_instance("one", spec), fake_instance("two", spec)
        clip = fake_instance("clip", self.CLIP_SPEC, {"first": Ref("two", ("video",))}, needs=["one"])
        history = self.history([one, two, clip])
        history.made("one", {"video": self.artifact("video", A, recipe="r1")})
        history.made("two", {"video": self.artifact("video", A, recipe="r2")})
        history.made("clip", {"video": self.artifact("video", B)})
        found = history.provenance("clip", ("video",), self.artifact("video", B))
        assert found.making.parameters["first"].address == "two"

    def test_a_chain_of_thousands_is_told_in_no_time(self, in_folder):
        spec = replace(self.CLIP_SPEC, outputs={"video": VIDEO})
        clips = [fake_instance("clip0", spec)]
        clips += [
            fake_instance(f"clip{i}", spec, {"first": Ref(f"clip{i - 1}", ("video",))})
            for i in range(1, 6_000)
        ]
        history = self.history(clips)
        for i, clip in enumerate(clips):
            history.made(clip.address, {"video": self.artifact("video", f"{i:064x}")})
        last = history.provenance("clip5999", ("video",), self.artifact("video", f"{5999:064x}"))
        assert last.cut and len(last.before) == 5_000
        assert through(last).cut
