"""`--notify`: what a command or a URL of the person is told."""

import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

STILL = """\
callsheet: 1
name: card
nodes:
  still: {uses: fal-ai/hunyuan-image/v3/text-to-image, with: {prompt: a boat, seed: 1}}
  sheet: {uses: media/contact_sheet, with: {images: ["${{ still.images[0] }}"]}}
"""
LOCAL = """\
callsheet: 1
name: card
nodes:
  words: {uses: text/split, with: {text: "a. b."}}
  more: {uses: text/split, approve: true, with: {text: "c. d."}}
  last: {uses: text/split, with: {text: "${{ more.parts[0] }}"}}
"""
WRITES = "import os, sys; open('told.jsonl', 'a').write(sys.stdin.read() + chr(10)); " + (
    "open('text', 'w').write(os.environ['CALLSHEET_NOTIFY_TEXT'])"
)


@pytest.fixture
def command(in_folder):
    """A command that writes down what it is told."""
    Path("film.yaml").write_text(STILL)
    Path("write.py").write_text(WRITES)
    return f'"{sys.executable}" write.py'


def told():
    return [json.loads(line) for line in Path("told.jsonl").read_text().splitlines()]


def test_a_command_is_told_that_a_run_is_done(callsheet, command):
    for _ in range(2):  # the second has nothing to make
        code, _, err = callsheet("run", "film.yaml", "--preview", "--notify", command)
        assert (code, err) == (0, "")
    first, again = told()
    assert (first["kind"], first["film"], first["next_step"]) == ("done", "card", "")
    assert first["text"].startswith("card: done: 2 made in ")
    assert again["text"].startswith("card: done: 2 reused in ")
    assert Path("text").read_text() == again["text"]


def test_the_variable_of_the_person_does_the_same(callsheet, command, monkeypatch):
    monkeypatch.setenv("CALLSHEET_NOTIFY", command)
    assert callsheet("run", "film.yaml", "--preview")[0] == 0
    assert [message["kind"] for message in told()] == ["done"]


def test_a_script_is_told_that_nobody_said_yes(callsheet, command, monkeypatch):
    monkeypatch.setenv("FAL_KEY", "any")
    assert callsheet("run", "film.yaml", "--notify", command)[0] == 1
    (message,) = told()
    assert message["kind"] == "aborted"
    assert "--yes" in message["next_step"]


def test_what_a_file_says_never_becomes_a_part_of_the_command(callsheet, command):
    Path("film.yaml").write_text(STILL.replace("name: card", 'name: "$(touch broken); `touch broken`"'))
    callsheet("run", "film.yaml", "--preview", "--notify", command)
    assert not Path("broken").exists()


@pytest.mark.parametrize(
    "broken, said", [("exit 7", "the command ended with 7"), ("no-such-command-here", "ended")]
)
def test_a_command_that_fails_is_a_note_and_the_run_is_done(callsheet, command, broken, said):
    code, _, err = callsheet("run", "film.yaml", "--preview", "--notify", broken)
    assert code == 0
    assert err.startswith("note: --notify: ") and said in err


@pytest.fixture
def server():
    """A server on this machine: its address, what came, and the status that it answers with."""
    came, status = [], [204]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            came.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(status[0])
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hook/secret", came, status
    server.shutdown()
    server.server_close()


def test_a_url_gets_json(callsheet, command, server):
    address, came, status = server
    assert callsheet("run", "film.yaml", "--preview", "--notify", address)[0] == 0
    assert [message["kind"] for message in came] == ["done"]
    status[0] = 404
    code, _, err = callsheet("run", "film.yaml", "--preview", "--notify", address)
    assert code == 0
    assert err == "note: --notify: 127.0.0.1 answered 404\n"


def test_a_server_that_is_not_there_is_a_note_without_the_secret(callsheet, command):
    code, _, err = callsheet("run", "film.yaml", "--preview", "--notify", "http://127.0.0.1:1/hook/secret")
    assert code == 0
    assert err.startswith("note: --notify: 127.0.0.1 ") and "secret" not in err


def test_a_decision_is_told_while_the_run_goes_on_and_once_more_at_its_end(callsheet, command):
    Path("film.yaml").write_text(LOCAL)
    assert callsheet("run", "film.yaml", "--notify", command)[0] == 4
    assert [message["kind"] for message in told()] == ["decision", "waiting"]
    assert all("callsheet approve film.yaml more" in message["next_step"] for message in told())
    assert told()[0]["text"].startswith("card: more waits for a person")
