"""One graph for every tool that is measured: ten stages of head, fan-out, join and chain.

    python benchmarks/dag.py --nodes 1000 --out DIR

leaves a folder for each tool in DIR. The work of a node is to write a file from the files before it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

STAGES = 10
Node = tuple[str, list[str]]


def dag(nodes: int) -> list[Node]:
    """(name, what it needs) in topological order: in each stage a head, a fan-out, a join and a chain."""
    found: list[Node] = []
    last: list[str] = []
    fan, chain = shape(nodes)
    for _ in range(STAGES):
        head = _add(found, last)
        wide = [_add(found, [head]) for _ in range(fan)]
        last = [_add(found, wide)]
        for _ in range(chain):
            last = [_add(found, last)]
    return found


def shape(nodes: int) -> tuple[int, int]:
    """(fan-out, length of the chain) of a stage when the graph has about `nodes` nodes."""
    each = nodes // STAGES
    chain = max(2, min(10, each // 10))
    return each - 2 - chain, chain


def _add(found: list[Node], needs: Sequence[str]) -> str:
    name = f"n{len(found):06}"
    found.append((name, list(needs)))
    return name


def make(folder: Path, graph: list[Node]) -> None:
    rules = [f"out/{n}.txt: {_files(needs)}\n\t@echo {n} > $@" for n, needs in graph]
    (folder / "Makefile").write_text("\n".join([f"all: out/{graph[-1][0]}.txt", *rules]) + "\n")


def ninja(folder: Path, graph: list[Node]) -> None:
    rules = [f"build out/{n}.txt: w {_files(needs)}\n  id = {n}" for n, needs in graph]
    (folder / "build.ninja").write_text("\n".join(["rule w", "  command = echo $id > $out", *rules]) + "\n")


def doit(folder: Path, graph: list[Node]) -> None:
    (folder / "dag.json").write_text(json.dumps(graph))
    (folder / "dodo.py").write_text(
        "import json\n"
        "def task_node():\n"
        "    for n, needs in json.load(open('dag.json')):\n"
        "        files = [f'out/{x}.txt' for x in needs] or ['src.txt']\n"
        "        yield {'name': n, 'file_dep': files, 'targets': [f'out/{n}.txt'],\n"
        "               'actions': [f'echo {n} > out/{n}.txt']}\n"
    )


def snakemake(folder: Path, graph: list[Node]) -> None:
    (folder / "dag.json").write_text(json.dumps(dict(graph)))
    (folder / "Snakefile").write_text(
        "import json\n"
        "NEEDS = json.load(open('dag.json'))\n"
        f"rule all:\n    input: 'out/{graph[-1][0]}.txt'\n"
        "rule node:\n"
        "    input: lambda w: [f'out/{x}.txt' for x in NEEDS[w.n]] or ['src.txt']\n"
        "    output: 'out/{n}.txt'\n"
        "    shell: 'echo {wildcards.n} > {output}'\n"
    )


def dvc(folder: Path, graph: list[Node]) -> None:
    stages = {
        n: {"cmd": f"echo {n} > out/{n}.txt", "deps": _files(needs).split(), "outs": [f"out/{n}.txt"]}
        for n, needs in graph
    }
    (folder / "dvc.yaml").write_text(json.dumps({"stages": stages}))


def callsheet(folder: Path, graph: list[Node]) -> None:
    """The same shape as axes and nodes; each node fits a picture of a few pixels into another size."""
    from PIL import Image

    fan, chain = shape(len(graph))
    Image.new("RGB", (16, 16), "navy").save(folder / "src.png")
    text = [
        "callsheet: 1",
        "name: dag",
        "inputs: {src: {type: image, default: ./src.png}}",
        f'axes: {{i: {{over: "${{{{ range({fan}) }}}}"}}}}',
        "nodes:",
        *_stages(chain),
    ]
    (folder / "film.yaml").write_text("\n".join(text) + "\n")


def _stages(chain: int) -> Iterator[str]:
    image = "inputs.src"
    for s in range(STAGES):
        yield _fit(f"head{s}", image, 17)
        yield _fit(f"fan{s}", f"head{s}.image", '"${{ 20 + axis.i.index }}"', "each: i, ")
        yield _fit(f"join{s}", f"head{s}.image", 18, f"needs: fan{s}, ")
        image = f"join{s}.image"
        for k in range(chain):
            yield _fit(f"chain{s}_{k}", image, 20 + k)
            image = f"chain{s}_{k}.image"


def _fit(name: str, image: str, width: object, more: str = "") -> str:
    params = f'image: "${{{{ {image} }}}}", width: {width}, height: 16, mode: crop'
    return f"  {name}: {{uses: media/fit_image, {more}with: {{{params}}}}}"


def _files(needs: Sequence[str]) -> str:
    return " ".join(f"out/{n}.txt" for n in needs) or "src.txt"


TOOLS: dict[str, Callable[[Path, list[Node]], None]] = {
    "make": make, "ninja": ninja, "doit": doit, "snakemake": snakemake, "dvc": dvc, "callsheet": callsheet,
}  # fmt: skip


def write(folder: Path, nodes: int, tools: Sequence[str] = tuple(TOOLS)) -> None:
    """The graph for each of `tools`, in a folder of its own."""
    graph = dag(nodes)
    for tool in tools:
        place = folder / tool
        (place / "out").mkdir(parents=True, exist_ok=True)
        (place / "src.txt").write_text("source\n")
        TOOLS[tool](place, graph)
    (folder / "dag.json").write_text(json.dumps(graph))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--nodes", type=int, default=1000)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    write(options.out, options.nodes)
