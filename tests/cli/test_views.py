"""How a run looks, at fixed widths and with a clock of our own."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from callsheet.cli.views import choose
from callsheet.cli.views.json_lines import JsonLines
from callsheet.cli.views.plain import Plain, Quiet
from callsheet.cli.views.terminal import ROWS, Terminal
from callsheet.cli.views.wording import printable
from callsheet.runtime.events import (
    NodeBlocked,
    NodeFailed,
    NodeFellBack,
    NodeFinished,
    NodeGate,
    NodeIncomplete,
    NodeInterrupted,
    NodeProgress,
    NodeSkipped,
    NodeStarted,
    RunFinished,
    RunStarted,
)

IMAGE = "fal-ai/hunyuan-image/v3/text-to-image"
VIDEO = "fal-ai/veo3.1/fast/first-last-frame-to-video"
COMMAND = "callsheet run film.yaml --preview"
STORY = [
    RunStarted("lighthouse", "film.yaml", "preview", 5, 4.85, 1),
    NodeSkipped('clip["end"]'),
    NodeStarted('keyframe["dawn"]', IMAGE, "preview"),
    NodeStarted('keyframe["日出"]', IMAGE, "preview"),
    NodeFinished('keyframe["日出"]', IMAGE, 0.7, 0.0, ("out/lighthouse/keyframe-日出.png",)),
    NodeFinished('keyframe["dawn"]', IMAGE, 0.1, 0.0, ("out/lighthouse/keyframe-dawn.png",), True),
    NodeStarted('clip["dawn"]', VIDEO, "preview"),
    NodeStarted('clip["日出"]', VIDEO, "preview"),
    NodeProgress('clip["日出"]', 0.5),
    NodeFailed(
        'clip["dawn"]', VIDEO, 125.0, "rejected", "the prompt\nwas \x1b[31mrefused", "say it otherwise"
    ),
    NodeBlocked("film", 'clip["dawn"]'),
    NodeInterrupted('clip["日出"]', 61.0),
]
LACKING = NodeIncomplete("film", ('clip["dawn"]', 'clip["日出"]'), placeholder=True)
END = RunFinished(
    "failed", {"boards": ["a.png", "b.png"]}, 1, 1, failed=1, blocked=1, not_started=1, seconds=126.0
)

PLAIN = """\
lighthouse: 5 instances, preview, free; a real run costs $4.85 and 1 call without a known price
start   keyframe["dawn"]  hunyuan-image/v3/text-to-image
start   keyframe["日出"]  hunyuan-image/v3/text-to-image
[1/5] done    keyframe["日出"]  hunyuan-image/v3/text-to-image  0.7s  → out/lighthouse/keyframe-日出.png
[2/5] done    keyframe["dawn"]  hunyuan-image/v3/text-to-image  reused  → out/lighthouse/keyframe-dawn.png
start   clip["dawn"]  veo3.1/fast/first-last-frame-to-video
start   clip["日出"]  veo3.1/fast/first-last-frame-to-video
[3/5] failed  clip["dawn"]  veo3.1/fast/first-last-frame-to-video  rejected: the prompt was �[31mrefused
[4/5] blocked film  needs clip["dawn"]
stopped clip["日出"]  after 1m 01s
failed: 1 made, 1 reused, 1 failed, 1 blocked, 1 not made in 2m 06s
boards: a.png
boards: b.png
"""
FAILURE = f"""\
clip["dawn"] ({VIDEO}) rejected: the prompt was �[31mrefused
  help: say it otherwise
  again: {COMMAND} --only 'clip["dawn"]'
"""
WIDE = """\
lighthouse: 5 instances, preview, free; a real run costs $4.85 and 1 call without a known price
✔ keyframe["日出"]        hunyuan-image/v3/text-to-image               0.7s  → keyframe-日出.png
● keyframe["dawn"]        hunyuan-image/v3/text-to-image             reused  → keyframe-dawn.png
✘ clip["dawn"]            veo3.1/fast/first-last-frame-to-video      2m 05s
    rejected: the prompt was �[31mrefused
⊘ film                    needs clip["dawn"]
■ clip["日出"]            stopped
"""
NARROW = """\
lighthouse: 5 instances, preview, free;
a real run costs $4.85 and 1 call
without a known price
✔ keyframe["日出"]         0.7s
● keyframe["dawn"]       reused
✘ clip["dawn"]           2m 05s
    rejected: the prompt was
�[31mrefused
⊘ film                  needs clip["da…
■ clip["日出"]          stopped
"""


class Screen:
    """A terminal view on paper, with its clock."""

    def __init__(self, width: int) -> None:
        self.time = 0.0
        self.paper = io.StringIO()
        console = Console(
            file=self.paper, width=width, color_system=None, force_terminal=True, get_time=lambda: self.time
        )
        self.view = Terminal(console, animated=False, command=COMMAND)

    def frame(self) -> list[str]:
        """The live part as it stands now."""
        console = Console(file=io.StringIO(), width=self.view.console.width, color_system=None)
        with console.capture() as captured:
            console.print(self.view)
        return [line.rstrip() for line in captured.get().splitlines()]


def tell(view, events):
    for event in events:
        view.show(event)


def stripped(text):
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def test_plain(capsys):
    tell(Plain(COMMAND), [*STORY, END])
    out, err = capsys.readouterr()
    assert out == PLAIN
    assert err == FAILURE


def test_quiet_says_what_came_and_what_went_wrong(capsys):
    tell(Quiet(COMMAND), [*STORY, END])
    out, err = capsys.readouterr()
    assert out == "boards: a.png\nboards: b.png\n"
    assert err == FAILURE


def test_json_lines_are_the_events(capsys):
    tell(JsonLines(), [*STORY, END])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["event"] for line in lines] == [event.event for event in [*STORY, END]]


@pytest.mark.parametrize("width, golden", [(100, WIDE), (40, NARROW)])
def test_finished_instances_are_one_line_each(width, golden):
    screen = Screen(width)
    tell(screen.view, STORY)
    assert stripped(screen.paper.getvalue()) == golden


def test_at_the_end_failures_stand_again_with_the_command():
    screen = Screen(200)
    tell(screen.view, STORY)
    before = len(screen.paper.getvalue())
    tell(screen.view, [END])
    assert stripped(screen.paper.getvalue()[before:]) == (
        f"\n{FAILURE}\nfailed: 1 made, 1 reused, 1 failed, 1 blocked, 1 not made in 2m 06s\n"
        "  boards: a.png\n  boards: b.png\n"
    )


def test_the_live_part_shows_what_is_at_work():
    screen = Screen(90)
    tell(screen.view, STORY[:6])
    screen.time = 2.0
    tell(screen.view, STORY[6:9])
    screen.time = 64.5
    assert screen.frame() == [
        '⠋ clip["dawn"]            veo3.1/fast/first-last-frame-…   1m 02s',
        '⠋ clip["日出"]            veo3.1/fast/first-last-frame-…   1m 02s  ━━━━━━━━━━━━━━━━',
        "── 2/5 done  1m 04s  free",
    ]


def test_a_crowd_is_counted():
    screen = Screen(80)
    tell(screen.view, [STORY[0], *(NodeStarted(f"clip[{i}]", VIDEO, "preview") for i in range(60))])
    frame = screen.frame()
    assert len(frame) == ROWS + 2
    assert frame[-2].strip() == "… and 48 more"


def test_money_is_in_the_footer_when_it_is_spent():
    screen = Screen(80)
    started = RunStarted("film", "film.yaml", "run", 2, 3.2, 0)
    tell(screen.view, [started, NodeStarted("clip", VIDEO, "fal"), NodeFinished("clip", VIDEO, 9, 1.6)])
    assert screen.frame() == ["── 1/2 done  0.0s  $1.60 of $3.20"]


@given(st.text(max_size=60), st.integers(20, 120))
def test_no_line_is_wider_than_the_terminal(key, width):
    screen = Screen(width)
    address = f'clip["{key}"]'
    events = [NodeStarted(address, VIDEO, "preview"), NodeProgress(address, 0.3)]
    tell(screen.view, [RunStarted("f", "f.yaml", "preview", 1, 0, 0), *events])
    rows = screen.frame()
    tell(screen.view, [NodeFinished(address, VIDEO, 1.0, 0.0, (f"out/{key}.mp4",))])
    assert all(cell_len(line) <= width for line in [*rows, *screen.paper.getvalue().splitlines()])
    assert len(rows) == 2


@given(st.text())
def test_nothing_printable_moves_a_cursor(text):
    shown = printable(text)
    assert "\n" not in shown
    assert "\x1b" not in shown
    assert not set(shown) & {"\u202e", "\u2066", "\x9b", "\r", "\x07", "\x08"}
    assert len(shown) == len(text)


@pytest.mark.parametrize("text", ["日出", "café", "نمی\u200cدانم", "👩\u200d🚀", "$1.20 → film"])
def test_what_people_write_stays(text):
    assert printable(text) == text


def test_no_color_and_no_escape_when_asked(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    paper = io.StringIO()
    view = Terminal(Console(file=paper, width=80, force_terminal=True, highlight=False), animated=False)
    tell(view, [*STORY[:6], END])
    assert "\x1b[3" not in paper.getvalue()


@pytest.mark.parametrize(
    "name, environment, tty, view",
    [
        ("auto", {}, False, "Plain"),
        ("auto", {}, True, "Terminal"),
        ("auto", {"CI": "true"}, True, "Plain"),
        ("auto", {"TERM": "dumb"}, True, "Plain"),
        ("terminal", {"CI": "true"}, False, "Terminal"),
        ("plain", {}, True, "Plain"),
        ("quiet", {}, True, "Quiet"),
    ],
)
def test_the_view_suits_the_place(monkeypatch, name, environment, tty, view):
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setattr("sys.stdout.isatty", lambda: tty, raising=False)
    chosen = choose(name)
    assert type(chosen).__name__ == view
    chosen.close()


def test_what_is_missing_is_said_at_once_and_at_the_end(capsys):
    screen = Screen(100)
    tell(screen.view, [STORY[0], LACKING, END])
    said = 'film has slates in place of clip["dawn"], clip["日出"]'
    assert screen.paper.getvalue().count(said) == 2
    tell(Plain(), [STORY[0], LACKING, END])
    out, err = capsys.readouterr()
    assert f"note    {said}\n" in out and err == f"{said}\n"
    tell(Quiet(), [STORY[0], NodeIncomplete("film", ("a",), placeholder=False), END])
    assert capsys.readouterr().err == "film is made without a\n"


def test_who_waits_for_a_person_is_said_with_what_to_look_at(capsys):
    advice = "callsheet approve film.yaml board"
    gates = [
        NodeGate("board", "closed", ("out/f/board.png",), advice),
        NodeGate("sheet", "changed"),
        NodeGate("title", "open"),
    ]
    end = RunFinished("waiting", {}, 3, waiting=2, seconds=1.0, next_step=advice)
    tell(Plain(), [STORY[0], *gates, end])
    out, err = capsys.readouterr()
    assert "note    title goes on in a preview; a real run waits for a person here\n" in out
    assert "waiting: 3 made, 2 waiting for a person in 1.0s\n" in out
    assert err == (
        "board waits for a person: look at out/f/board.png\n"
        "sheet was approved, but its result has changed\n"
        f"next: {advice}\n"
    )
    screen = Screen(100)
    tell(screen.view, [STORY[0], *gates, end])
    shown = screen.paper.getvalue()
    assert shown.count("board waits for a person: look at out/f/board.png") == 2
    assert f"next: {advice}" in shown


def test_who_takes_over_is_said_with_the_reason(capsys):
    turned = NodeFellBack("clip", VIDEO, 2.2, "rejected", "the prompt\nwas refused", "media/image_to_video")
    said = "clip falls back to media/image_to_video: rejected: the prompt was refused"
    tell(Plain(), [STORY[0], turned])
    assert capsys.readouterr().out.endswith(f"note    {said}\n")
    screen = Screen(100)
    tell(screen.view, [STORY[0], NodeStarted("clip", VIDEO, "fal"), turned])
    assert said in screen.paper.getvalue()
    assert "clip" not in screen.view.active
