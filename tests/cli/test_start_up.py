"""What commands load for a plain file: a start is slow by what it imports."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

CODE = Path(__file__).parents[2] / "callsheet"
FILM = Path(__file__).parents[2] / "examples" / "lighthouse" / "film.yaml"
HEAVY = (
    "asyncio", "av", "callsheet.runtime.events", "callsheet.runtime.ledger", "callsheet.runtime.lock.read",
    "callsheet.runtime.own_prices", "callsheet.nodes.openapi.document", "concurrent.futures", "difflib",
    "email", "httpx", "networkx", "numpy", "PIL", "pydantic", "rich", "socket", "sqlite3",
)  # fmt: skip
CHECK = f"""
import sys
from callsheet.cli.main import main
try:
    main(["check", {str(FILM)!r}])
except SystemExit:
    print([name for name in {HEAVY!r} if name in sys.modules])
"""


SHOW = CHECK.replace(f'"check", {str(FILM)!r}', '"models", "show", "fal-ai/veo3.1"').replace(
    repr(HEAVY), repr((*HEAVY, "yaml", "jinja2", "callsheet.dsl.compiler"))
)


def test_models_show_loads_neither_yaml_nor_the_compiler() -> None:
    done = subprocess.run([sys.executable, "-c", SHOW], capture_output=True, text=True, check=True)
    assert "compiler" in SHOW and done.stdout.splitlines()[-1] == "[]"


def test_check_loads_nothing_that_it_does_not_need() -> None:
    done = subprocess.run([sys.executable, "-c", CHECK], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_plan_loads_no_client_and_no_media_library() -> None:
    heavy = ("av", "httpx", "numpy", "PIL", "pydantic", "rich.console", "callsheet.runtime.calls.session")
    plan = CHECK.replace('"check"', '"plan"').replace(repr(HEAVY), repr((*heavy,)))
    done = subprocess.run([sys.executable, "-c", plan], capture_output=True, text=True, check=True)
    assert "rich.console" in plan and done.stdout.splitlines()[-1] == "[]"


def test_a_run_that_works_on_texts_loads_no_media_library(tmp_path: Path) -> None:
    film = tmp_path / "film.yaml"
    film.write_text("callsheet: 1\nnodes: {words: {uses: text/split, with: {text: one}}}\n", encoding="utf-8")
    run = CHECK.replace(repr(HEAVY), repr(("av", "numpy", "PIL")))
    run = run.replace(f'"check", {str(FILM)!r}', f'"run", {str(film)!r}, "--output", "quiet"')
    done = subprocess.run(
        [sys.executable, "-c", run], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert '"run"' in run and done.stdout.splitlines()[-1] == "[]"
    assert "text/split" in (tmp_path / "film.lock.yaml").read_text(encoding="utf-8")


def test_httpx_comes_without_its_command_line() -> None:
    code = (
        "import sys; from callsheet.nodes.http import client; print('rich' in sys.modules);"
        "import httpx; print(httpx.AsyncHTTPTransport.__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "AsyncHTTPTransport"]


def test_every_dataclass_says_what_it_is() -> None:
    """For one that does not, Python finds out its signature at each start."""
    modules = {path: ast.parse(path.read_text(encoding="utf-8")) for path in CODE.rglob("*.py")}
    classes = [
        (path, node)
        for path, module in modules.items()
        for node in ast.walk(module)
        if isinstance(node, ast.ClassDef) and any("dataclass" in ast.unparse(d) for d in node.decorator_list)
    ]
    silent = [
        f"{path.relative_to(CODE)}: {node.name}" for path, node in classes if not ast.get_docstring(node)
    ]
    assert len(classes) > 500 and silent == []
