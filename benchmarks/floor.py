# ruff: noqa: PTH116, PTH118, PTH123, PTH202
"""The least that a content-addressed tool written in Python has to do when nothing is to be done.

Load the graph, sort it, make the key of each node from the keys before it, look all keys up in one SQLite
table, and look at every file that it names. With our libraries imported, since a tool needs them.

    python benchmarks/floor.py DAG.json FOLDER
"""

import hashlib
import json
import os
import sqlite3
import sys

import httpx  # noqa: F401
import jinja2  # noqa: F401
import networkx  # noqa: F401
import pydantic  # noqa: F401
import yaml  # noqa: F401

PARAMS = {"prompt": "a lighthouse at dusk, 35mm", "seed": 7, "aspect_ratio": "16:9", "duration": 5}
BATCH = 500


def order(graph: list[tuple[str, list[str]]]) -> list[str]:
    """The nodes, each after what it needs."""
    missing = {node: len(needs) for node, needs in graph}
    after: dict[str, list[str]] = {node: [] for node, _ in graph}
    for node, needs in graph:
        for need in needs:
            after[need].append(node)
    ready = [node for node, count in missing.items() if not count]
    for node in ready:
        for child in after[node]:
            missing[child] -= 1
            if not missing[child]:
                ready.append(child)
    return ready


def main(dag: str, folder: str) -> None:
    with open(dag) as file:
        graph = json.load(file)
    needs = dict(graph)
    keys: dict[str, str] = {}
    for node in order(graph):
        text = json.dumps([node, PARAMS, [keys[need] for need in needs[node]]], separators=(",", ":"))
        keys[node] = hashlib.sha256(text.encode()).hexdigest()
    table = sqlite3.connect(os.path.join(folder, "floor.db"))
    table.execute("CREATE TABLE IF NOT EXISTS r (key TEXT PRIMARY KEY, path TEXT, size INT) WITHOUT ROWID")
    wanted, known = list(keys.values()), {}
    for start in range(0, len(wanted), BATCH):
        some = wanted[start : start + BATCH]
        marks = ",".join("?" * len(some))
        for key, path, size in table.execute(f"SELECT * FROM r WHERE key IN ({marks})", some):
            known[key] = (path, size)
    if not known:
        paths = {key: os.path.join(folder, "out", f"{node}.txt") for node, key in keys.items()}
        rows = [(key, path, os.path.getsize(path)) for key, path in paths.items()]
        table.executemany("INSERT INTO r VALUES (?, ?, ?)", rows)
        table.commit()
    print(sum(k not in known or os.stat(known[k][0]).st_size != known[k][1] for k in wanted), "to do")


if __name__ == "__main__":
    main(*sys.argv[1:])
