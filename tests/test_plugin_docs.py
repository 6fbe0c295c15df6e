"""Whoever copies what docs/plugins.md shows has nodes and a provider that work: the tests there pass."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

PAGE = Path(__file__).parents[1] / "docs" / "plugins.md"
BLOCK = re.compile(r"^( *)```python\n\1# (\S+\.py)\n(.*?)^\1```", re.DOTALL | re.MULTILINE)
AQUA = """
from aqua.nodes import caption, paint
from callsheet.testing import run_node


def test_the_nodes_are_nodes(tmp_path):
    picture = tmp_path / "picture.png"
    picture.touch()
    assert run_node(caption, {"picture": picture}, tmp_path, preview=True) == {"text": "a caption"}
    assert paint.__callsheet__.price == 0.04
"""


def test_everything_on_the_page_works(tmp_path: Path) -> None:
    found = {name: dedent(text) for _, name, text in BLOCK.findall(PAGE.read_text(encoding="utf-8"))}
    assert found.keys() == {
        "stagehand/nodes.py",
        "test_slate.py",
        "aqua/nodes.py",
        "studio/callsheet.py",
        "test_studio.py",
    }
    for name, text in {**found, "test_aqua.py": AQUA}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert not re.search(r"^(from|import) callsheet(?!\.(plugin|testing)\b)", text, re.MULTILINE)
    alone = ["-p", "no:cacheprovider", "--basetemp", str(tmp_path / "own")]
    done = subprocess.run(
        [sys.executable, "-B", "-m", "pytest", "-q", *alone, "."],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout
