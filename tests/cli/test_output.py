"""Nothing of a file's or a provider's steers the terminal, whichever command shows it."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from callsheet.cli.main import main
from callsheet.cli.output import SafeStream, coloured, console, style, tell_progress
from callsheet.spec.harmless import HARMFUL, harmless

MAIN = "from callsheet.cli.main import main; main()"
EVIL = "\x1b[2J\x1b]0;x\x07\x9b2J\u202eevil\x08\r\x7f\u2066"
IN_YAML = "\\e[2J\\e]0;x\\a\\x9b2J\\u202eevil\\b\\r\\x7f\\u2066"


def written(text: str) -> str:
    stream = io.StringIO()
    SafeStream(stream).write(text)
    return stream.getvalue()


def test_every_control_character_is_written_out() -> None:
    assert written("a\tb\n\x1b[31mred") == "a\tb\n\\u001b[31mred"
    assert not HARMFUL.search(written("".join(map(chr, range(0x20000)))).replace("\n", ""))


def test_what_json_says_stays_the_same() -> None:
    text = json.dumps({"key": EVIL + "é漢👩‍🚀\U000e0041"}, ensure_ascii=False)
    assert json.loads(written(text)) == json.loads(text)


def test_words_of_every_script_stay() -> None:
    text = "Größe 漢字 עברית فارسی‌ها 👩‍🚀"
    assert harmless(text) == text


def test_colours_of_ours_pass_and_those_of_others_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", SafeStream(stream))
    sys.stdout.write(style("\x1b[8mhidden", "red", "bold"))
    assert stream.getvalue() == "\x1b[31;1m\\u001b[8mhidden\x1b[0m"


def test_rich_text_too(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", SafeStream(stream))
    console(force_terminal=True, width=80).print("[red]a\x1b[2Jb", highlight=False)
    assert "\\u001b[2Jb" in stream.getvalue() and "\x1b[31m" in stream.getvalue()


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


def test_progress_is_one_line_that_is_written_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    screen, file = Screen(), io.StringIO()
    for stream in (screen, file):
        monkeypatch.setattr(sys, "stderr", SafeStream(stream))
        tell_progress("1 of 2\x1b[2J", over=False)
        tell_progress("2 of 2", over=True)
    assert screen.getvalue() == "\r1 of 2\\u001b[2J\r2 of 2\n"
    assert file.getvalue() == ""


@pytest.mark.parametrize(
    ("environ", "shown"),
    [
        ({}, True),
        ({"NO_COLOR": ""}, True),
        ({"NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
    ],
)
def test_colours_are_for_terminals_that_have_them(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], shown: bool
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert coloured(Screen()) is shown and not coloured(io.StringIO())


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals of POSIX")
def test_messages_of_check_have_no_colours_with_no_color(
    in_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("film.yaml").write_text("callsheet: 1\naxis: {}\n", encoding="utf-8")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert b"\x1b[1;31merror[unknown-key]" in on_a_terminal("check", "film.yaml")
    monkeypatch.setenv("NO_COLOR", "1")
    plain = on_a_terminal("check", "film.yaml")
    assert b"error[unknown-key]" in plain and b"\x1b[" not in plain


def test_a_console_without_the_letters_ends_nothing() -> None:
    command = [sys.executable, "-c", MAIN, "check", "film.yaml"]
    env = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "Traceback" not in done.stderr


LETTERS = """\
callsheet: 1
name: film
axes: {s: {over: ["夜明け → ü"]}}
nodes: {a: {each: s, uses: text/split, with: {text: "${{ s }}"}}}
outputs: {words: "${{ a.parts }}"}
"""
ENCODINGS = {
    "Windows, Western": {"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"},
    "Windows, console": {"PYTHONIOENCODING": "cp437", "PYTHONUTF8": "0"},
    "ascii": {"PYTHONIOENCODING": "ascii:strict"},
    "C": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
}


@pytest.mark.parametrize("environ", ENCODINGS.values(), ids=ENCODINGS)
def test_output_is_utf8_in_every_environment(in_folder: Path, environ: dict[str, str]) -> None:
    Path("film.yaml").write_text(LETTERS, encoding="utf-8")
    command = [sys.executable, "-c", MAIN, "run", "film.yaml", "--preview"]
    done = subprocess.run(command, env={**os.environ, **environ}, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "夜明け → ü" in done.stdout.decode("utf-8")


@pytest.mark.parametrize("encoding", ["cp1252", "cp437", "ascii"])
def test_every_verb_writes_the_same_bytes_everywhere(
    in_folder: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    Path("film.yaml").write_text(LETTERS, encoding="utf-8")

    def written(words: str, encoding: str) -> tuple[object, bytes]:
        streams = io.TextIOWrapper(io.BytesIO(), encoding), io.TextIOWrapper(io.BytesIO(), encoding)
        with monkeypatch.context() as patch, pytest.raises(SystemExit) as ended:
            patch.setattr(sys, "stdout", streams[0])
            patch.setattr(sys, "stderr", streams[1])
            main(words.replace("FILE", "film.yaml").split())
        for stream in streams:
            stream.flush()
        return ended.value.code, b"".join(stream.buffer.getvalue() for stream in streams)  # type: ignore[attr-defined]

    for words in ("check FILE", "plan FILE", "graph FILE", "diff FILE FILE", "models veo"):
        assert written(words, encoding) == written(words, "utf-8") != (0, b"")


IMAGE = "fal-ai/hunyuan-image/v3/text-to-image"
FILMS = {
    "name": 'name: "x{e}"\nnodes: {{a: {{uses: text/split, with: {{text: hi}}}}}}',
    "description": 'description: "x{e}"\nnodes: {{a: {{uses: text/split, with: {{text: hi}}}}}}',
    "uses": 'nodes: {{a: {{uses: "nope{e}"}}}}',
    "node": 'nodes: {{"a{e}": {{uses: text/split, with: {{text: hi}}}}}}',
    "parameter": 'nodes: {{a: {{uses: text/split, with: {{"text{e}": hi}}}}}}',
    "value": f'nodes: {{{{a: {{{{uses: {IMAGE}, with: {{{{prompt: "p{{e}}", seed: "{{e}}"}}}}}}}}}}}}',
    "prompt": f'nodes: {{{{a: {{{{uses: {IMAGE}, with: {{{{prompt: "p{{e}}"}}}}}}}}}}}}',
    "key": 'axes: {{s: {{over: ["k{e}"]}}}}\n'
    'nodes: {{a: {{each: s, uses: text/split, with: {{text: "${{{{ s }}}}"}}}}}}',
}
VERBS = (
    "check",
    "plan",
    "run --preview",
    "explain FILE a",
    "graph",
    "diff FILE FILE",
    "takes FILE a",
    "lock",
)


def on_a_terminal(*words: str) -> bytes:
    """What a terminal is sent by the command."""
    leader, follower = pty.openpty()
    env = {**os.environ, "TERM": "xterm-256color", "CI": ""}
    process = subprocess.Popen(
        [sys.executable, "-c", MAIN, *words], stdout=follower, stderr=follower, env=env
    )
    os.close(follower)
    told = b""
    while True:
        try:
            part = os.read(leader, 65536)
        except OSError:
            break
        if not part:
            break
        told += part
    process.wait()
    os.close(leader)
    return told


def harm_in(told: bytes) -> list[str]:
    text = told.decode("utf-8")
    return [
        evil
        for evil in ("\x1b[2J", "\x1b]0;", "\x07", "\x9b", "\u202e", "\x08", "\x7f", "\u2066")
        if evil in text
    ]


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals of POSIX")
@pytest.mark.parametrize("field", FILMS)
def test_no_command_sends_them_to_a_terminal(
    field: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("film.yaml").write_text("callsheet: 1\n" + FILMS[field].format(e=IN_YAML) + "\n", encoding="utf-8")
    script = (
        "import sys, shlex, contextlib\nfrom callsheet.cli.main import main\n"
        f"for verb in {VERBS!r}:\n"
        "    words = shlex.split(verb.replace('FILE', 'film.yaml'))\n"
        "    words += [] if 'FILE' in verb else ['film.yaml']\n"
        "    with contextlib.suppress(SystemExit):\n        main(words)\n"
    )
    monkeypatch.setattr(sys.modules[__name__], "MAIN", script)
    told = on_a_terminal()
    assert told and not harm_in(told)
    assert b"Traceback" not in told and b"bug in callsheet" not in told


def test_nor_to_a_pipe_from_a_table_or_a_file_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("shots.csv").write_bytes(f'id,"pro{EVIL}"\na,"b{EVIL}"\n'.encode())
    film = (
        "callsheet: 1\ninputs: {shots: {type: list, items: {id: string, n: integer}, default: ./shots.csv}}\n"
    )
    Path("film.yaml").write_text(film + "nodes: {a: {uses: text/split, with: {text: hi}}}\n")
    evil = Path("film\x1b[2J.yaml")
    evil.write_text("callsheet: 2\n")
    for words in (["check", "film.yaml"], ["check", str(evil)], ["plan", str(evil)]):
        done = subprocess.run([sys.executable, "-c", MAIN, *words], capture_output=True, check=False)
        assert done.returncode == 1 and not harm_in(done.stdout + done.stderr)


def test_it_may_be_thrown_away_after_the_other_stream() -> None:
    stream = io.StringIO()
    safe = SafeStream(stream)
    stream.close()
    safe.close()
