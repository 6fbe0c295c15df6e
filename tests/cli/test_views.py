"""How a run looks, at fixed widths and with a clock of our own."""

import io
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from callsheet.cli.views import choose
from callsheet.cli.views.columns import fitted_address
from callsheet.cli.views.json_lines import JsonLines
from callsheet.cli.views.plain import Plain, Quiet
from callsheet.cli.views.terminal import ROWS, Terminal
from callsheet.cli.views.wording import printable, results
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
    NodeWaiting,
    Planned,
    RunFinished,
    RunGrew,
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


def test_quiet_says_what_went_wrong(capsys):
    tell(Quiet(COMMAND), [*STORY, END])
    assert capsys.readouterr() == ("", FAILURE)


def test_a_long_list_is_told_by_its_first_elements():
    lines = results({"boards": [f"{n}.png" for n in range(10_000)], "film": "film.mp4"})
    assert len(lines) == 21
    assert lines[0] == "boards: 0.png"
    assert lines[-2:] == ["boards: … and 9,981 more", "film: film.mp4"]


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
        '⠋ clip["日出"]            veo3.1/fast/first-last-frame-…   1m 02s  ━━━━━━━━────────',
        "━━━━━━────────── 2/5 done  1m 04s  free",
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
    assert screen.frame() == ["━━━━━━━━──────── 1/2 done  0.0s  $1.60 of $3.20"]


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


@pytest.mark.parametrize("view", [Plain, lambda: Screen(100).view])
def test_the_end_of_a_run_names_instances_in_the_order_of_the_film(view, capsys):
    """They come in the order in which they end, which differs from run to run."""
    names = ["a", "b", "c"]
    planned = [Planned(name, name, IMAGE, "fal", "make", 0.1) for name in names]
    failed = [NodeFailed(name, IMAGE, 1.0, "failed", "no") for name in "cb"]
    gates = [NodeGate(name, "closed") for name in "ca"]
    begun, grown = replace(STORY[0], instances=planned[:1]), RunGrew({}, 3, 0.2, 0, tuple(planned[1:]))
    shown = view()
    tell(shown, [begun, grown, *failed, *gates])
    assert [event.address for event in shown.remarks.failures] == ["b", "c"]
    assert [event.address for event in shown.remarks.held] == ["a", "c"]
    capsys.readouterr()


def test_who_takes_over_is_said_with_the_reason(capsys):
    turned = NodeFellBack("clip", VIDEO, 2.2, "rejected", "the prompt\nwas refused", "media/image_to_video")
    said = "clip falls back to media/image_to_video: rejected: the prompt was refused"
    tell(Plain(), [STORY[0], turned])
    assert capsys.readouterr().out.endswith(f"note    {said}\n")
    screen = Screen(100)
    tell(screen.view, [STORY[0], NodeStarted("clip", VIDEO, "fal"), turned])
    assert said in screen.paper.getvalue()
    assert "clip" not in screen.view.active


def shots(count, key="shot_with_a_long_name_{:02}"):
    """The beginning of a run of this many stills, and then a film; with the addresses of the stills."""
    addresses = [f'still["{key.format(at)}"]' for at in range(1, count + 1)]
    stills = [Planned(address, "still", IMAGE, "fal", "make", 0.1) for address in addresses]
    film = Planned("film", "film", "media/concat", "", "make", 0.0)
    return addresses, RunStarted("f", "f.yaml", "run", count + 1, count * 0.1, 0, (*stills, film))


def test_what_differs_of_an_address_stays_at_80_columns():
    addresses, began = shots(3, key="the_lighthouse_keeper_of_the_northern_islands_at_{:02}_hours")
    screen = Screen(80)
    tell(
        screen.view,
        [began, *(NodeFinished(a, IMAGE, 2.0, 0.1, (f"out/f/{a[7:-2]}.png",)) for a in addresses)],
    )
    assert stripped(screen.paper.getvalue()).splitlines()[1:] == [
        f'✔ still["…hern_islands_at_{at:02}_hours"]  hunyuan-ima…     2.0s  $0.10' for at in (1, 2, 3)
    ]
    tell(screen.view, [NodeStarted(addresses[0], IMAGE, "fal")])
    assert screen.frame()[0].startswith('⠋ still["…hern_islands_at_01_hours"]')


@pytest.mark.parametrize(
    "address, shared, short",
    [
        ('clip["dawn"]', 6, 'clip["dawn"]        '),
        ('clip["the_same_beginning_01"]', 26, 'clip["…eginning_01"]'),
        ('clip["01_the_same_end_of_all"]', 6, 'clip["01_the…f_all"]'),
        ('a_node_with_a_very_long_name["x"]', 29, 'a_node_wit…name["x"]'),
    ],
)
def test_an_address_loses_what_its_siblings_share(address, shared, short):
    assert fitted_address(address, 20, shared) == short


def test_a_node_with_many_instances_is_one_line():
    addresses, began = shots(8)
    screen = Screen(80)
    tell(screen.view, [began, *(NodeStarted(address, IMAGE, "fal") for address in addresses)])
    screen.time = 10.0
    tell(screen.view, [NodeFinished(address, IMAGE, 10.0, 0.1, ("a.png",)) for address in addresses[:4]])
    assert [line.rstrip() for line in screen.frame() if "⠋" not in line and "⠙" not in line][-2:] == [
        "  still                              ━━━━━━━━────────  4/8  about 3s left",
        "━━━━━━━───────── 4/9 done  10.0s  about 3s left  $0.40 of $0.80",
    ]
    tell(screen.view, [NodeFailed(addresses[4], IMAGE, 9.0, "rejected", "refused")])
    tell(screen.view, [NodeFinished(address, IMAGE, 12.0, 0.1) for address in addresses[5:]])
    assert stripped(screen.paper.getvalue()).splitlines()[1:] == [
        '✘ still["shot_with_a_long_name_05"]  hunyuan-ima…     9.0s',
        "    rejected: refused",
        "■ still                              7 of 8 made, 1 failed  $0.70",
    ]


def test_a_stopped_node_with_many_instances_is_one_line():
    addresses, began = shots(8)
    screen = Screen(80)
    tell(screen.view, [began, *(NodeStarted(address, IMAGE, "fal") for address in addresses)])
    tell(screen.view, [NodeFinished(addresses[0], IMAGE, 10.0, 0.1)])
    tell(screen.view, [NodeWaiting(address, "running") for address in addresses[2:]])
    tell(screen.view, [NodeInterrupted(address, 11.0) for address in addresses[1:]])
    assert stripped(screen.paper.getvalue()).splitlines()[1:] == [
        "■ still                              1 of 8 made, 6 go on at fal  $0.10"
    ]


def test_advice_at_80_columns_breaks_between_words_and_commands_stay_whole():
    screen = Screen(80)
    prose = (
        "10 requests are under way; `callsheet resume` fetches their results, `callsheet cancel` cancels them"
    )
    tell(screen.view, [RunFinished("interrupted", {}, next_step=prose)])
    command = "callsheet approve film.yaml " + " ".join(f"'clip[\"shot_{at}\"]'" for at in range(5))
    tell(screen.view, [RunFinished("waiting", {}, next_step=command)])
    lines = screen.paper.getvalue().splitlines()
    assert "next: 10 requests are under way; `callsheet resume` fetches their results," in map(
        str.rstrip, lines
    )
    assert f"next: {command}" in lines


def test_the_time_left_is_told_once_each_model_has_given_something():
    stills = [Planned(f'still["{at}"]', "still", IMAGE, "fal", "make", 0.1) for at in range(4)]
    clips = [Planned(f'clip["{at}"]', "clip", VIDEO, "fal", "make", 1.0) for at in range(4)]
    screen = Screen(80)
    tell(screen.view, [RunStarted("f", "f.yaml", "run", 8, 4.4, 0, (*stills, *clips))])
    screen.time = 40.0
    tell(screen.view, [NodeFinished(one.address, IMAGE, 10.0, 0.1) for one in stills])
    assert screen.frame() == ["━━━━━━━━──────── 4/8 done  40.0s  $0.40 of $4.40"]
    screen.time = 100.0
    tell(screen.view, [NodeFinished(clips[0].address, VIDEO, 60.0, 1.0)])
    assert screen.frame() == ["━━━━━━━━━━────── 5/8 done  1m 40s  about 3m 00s left  $1.40 of $4.40"]


def test_the_clock_begins_after_the_questions():
    screen = Screen(80)
    screen.time = 30.0  # somebody thought about the price
    tell(screen.view, [RunStarted("f", "f.yaml", "run", 2, 3.2, 0)])
    screen.time = 32.0
    assert screen.frame() == ["──────────────── 0/2 done  2.0s  $0.00 of $3.20"]


def test_what_goes_on_at_the_provider_after_a_stop_reads_so(capsys):
    events = [
        RunStarted("f", "f.yaml", "run", 2, 3.2, 0),
        NodeStarted("clip", VIDEO, "fal"),
        NodeStarted("cut", "media/concat", ""),
        NodeWaiting("clip", "queued", 3),
        NodeInterrupted("clip", 9.0),
        NodeInterrupted("cut", 1.0),
    ]
    screen = Screen(80)
    tell(screen.view, events)
    assert stripped(screen.paper.getvalue()).splitlines()[1:] == [
        "■ clip                    goes on at fal",
        "■ cut                     stopped",
    ]
    tell(Plain(), events)
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "stopped clip  after 9.0s; goes on at fal",
        "stopped cut  after 1.0s",
    ]
