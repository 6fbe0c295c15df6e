"""A recipe is the same as its nodes written out: random pipelines, both ways."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from callsheet.dsl.compiler import compile_file
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.graph import Graph
from callsheet.dsl.values.inputs import Given
from callsheet.spec.values import Deferred, Ref
from tests.dsl.conftest import FakeSpecs

SHOTS = '[{id: a, n: 1}, {id: b, n: 2}, {id: "c/d", n: 3}]'
KEYS = ("a", "b", "c/d")


@st.composite
def bodies(draw: st.DrawFn) -> tuple[str, list[str]]:
    """The nodes of a pipeline, with @ before each name, and expressions over what they make."""
    lines: list[str] = []
    images: list[tuple[str, bool]] = []
    outputs: list[str] = []
    for i in range(draw(st.integers(1, 5))):
        name, along = f"@n{i}", draw(st.booleans())
        words = [draw(st.sampled_from(["plain", "${{ INPUT }}", "${{ INPUT | upper }}!"]))]
        if along:
            words.append(draw(st.sampled_from(["", "${{ @shot.id }}", "${{ axis.@shot.index + @shot.n }}"])))
        sources = [_one(draw, source, along) for source in draw(st.permutations(images))[:2]]
        when = draw(st.sampled_from(["", "    when: ${{ not axis.@shot.first }}\n"])) if along else ""
        lines.append(
            f"  {name}:\n    uses: x/image\n"
            + ("    each: @shot\n" if along else "")
            + when
            + f'    with: {{prompt: "{" ".join(words)}", image_urls: [{", ".join(sources)}]}}\n'
        )
        images.append((name, along))
        outputs.append(f"{name}.images" if not along else f'{name}.images | map("first")')
    return "".join(lines), outputs


def _one(draw: st.DrawFn, source: tuple[str, bool], along: bool) -> str:
    """A reference to one image of a node."""
    name, shared = source
    if not shared:
        return f'"${{{{ {name}.images[0] }}}}"'
    forms = [f"at({name}, 'b').images[0]"]
    if along:
        forms += [f"{name}.images[0]", f"prev({name}).images[0]", f"next({name}).images[1]"]
    return f'"${{{{ {draw(st.sampled_from(forms))} }}}}"'


def graph_of(text: str, recipe: str = "") -> Graph:
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "film.yaml").write_text(text)
        (Path(name) / "r.yaml").write_text(recipe)
        report = Report()
        graph = compile_file(Path(name) / "film.yaml", Given(), FakeSpecs(), report)
    assert graph is not None, (text, recipe, [(d.code, d.message) for d in report.sorted()])
    return graph


def plain(value: object, prefix: str) -> object:
    """A value with the names of one way; a late one as what comes of it."""
    match value:
        case Ref(address, path):
            return address.removeprefix(prefix), path
        case Deferred(refs, compute):
            came = compute(lambda ref: "came" if ref.address == "writer" else f"{plain(ref, prefix)}")
            return {plain(ref, prefix) for ref in refs}, came
        case dict():
            return {k: plain(v, prefix) for k, v in value.items()}
        case list():
            return [plain(v, prefix) for v in value]
    return value


@settings(max_examples=60, deadline=None)
@given(bodies(), st.sampled_from(["'a known text'", "writer.text"]))
def test_the_same_instances_either_way(body: tuple[str, list[str]], given: str) -> None:
    nodes, outputs = body
    writer = "  writer: {uses: x/text, with: {prompt: p}}\n"
    axis = f'axes: {{@shot: {{over: {SHOTS}, key: "${{{{ @shot.id }}}}"}}}}\n'
    seen = "".join(f"  o{i}: ${{{{ {o} }}}}\n" for i, o in enumerate(outputs))
    flat = f"callsheet: 1\n{axis}nodes:\n{writer}{nodes}outputs:\n{seen}".replace("@", "r_")
    recipe = f"callsheet: 1\ninputs: {{text: {{type: string}}}}\n{axis}nodes:\n{nodes}outputs:\n{seen}"
    used = f'callsheet: 1\nnodes:\n{writer}  r: {{uses: ./r.yaml, with: {{text: "${{{{ {given} }}}}"}}}}\n'
    used += "outputs:\n" + "".join(f"  o{i}: ${{{{ r.o{i} }}}}\n" for i in range(len(outputs)))
    one = graph_of(flat.replace("INPUT", given))
    two = graph_of(used, recipe.replace("@", "").replace("INPUT", "inputs.text"))
    mine, theirs = (
        {
            plain(Ref(a, ()), prefix): (
                plain(dict(i.params), prefix),
                sorted(need.removeprefix(prefix) for need in i.needs),
                i.key,
            )
            for a, i in graph.instances.items()
        }
        for graph, prefix in ((one, "r_"), (two, "r/"))
    )
    assert mine == theirs
    assert [a.removeprefix("r_") for a in one.skipped] == [a.removeprefix("r/") for a in two.skipped]
    assert plain(dict(one.outputs), "r_") == plain(dict(two.outputs), "r/")
