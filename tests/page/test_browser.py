"""The page in a real browser: it shows what the document says, lets nothing out or in, and stays fluid."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from callsheet.page.bundle import bundle
from callsheet.page.html import assets as page_assets
from callsheet.page.html import page
from callsheet.review.assets import assets as review_assets
from callsheet.spec.money import money
from callsheet.spec.timecode import DROPPING, timecode
from tests.conftest import browser_path

pytestmark = pytest.mark.needs("chromium")
VIEWS = ("film", "board", "graph", "run", "money", "reuse", "failures")
PHONE = {"width": 390, "height": 844}
HARMFUL = (
    "<script>window.harmed = 1</script>",
    "</script><script>window.harmed = 1</script>",
    "<!--<script>",
    "<img src=x onerror='window.harmed = 1'>",
    "\"><svg onload='window.harmed = 1'>",
    "javascript:window.harmed=1",
    "{document}{script}",
    "';window.harmed=1;//",
    "<iframe srcdoc='<script>parent.harmed=1</script>'>",
    "<style>*{display:none}</style>",
    "a\u2028b\u2029c\x00d\ud800e",
    "<a href='javascript:window.harmed=1'>x</a>",
)
"""What a model, a file or a person may write anywhere."""
Visit = Callable[..., Any]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        found = playwright.chromium.launch(executable_path=browser_path(), args=arguments)
        yield found
        found.close()


@pytest.fixture
def visit(browser: Any) -> Iterator[Visit]:
    """Opens a file. No error, and no request but for the file and what lies beside it."""
    wrong: list[str] = []
    contexts: list[Any] = []

    def opened(path: Path, hash: str = "", **options: Any) -> Any:
        address = path.resolve().as_uri()
        contexts.append(browser.new_context(**options))
        tab = contexts[-1].new_page()
        tab.set_default_timeout(20_000)
        tab.on("pageerror", lambda error: wrong.append(str(error)))
        tab.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        beside = address.rpartition("/")[0]
        tab.on(
            "request",
            lambda asked: (
                None if asked.url.startswith((beside, "blob:", "data:")) else wrong.append(asked.url)
            ),
        )
        tab.goto(f"{address}#{hash}")
        tab.wait_for_selector("[role=tab]")
        return tab

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []


def chosen(tab: Any, view: str) -> None:
    tab.click(f"#tab-{view}")
    tab.wait_for_function("name => !document.getElementById(`view-${name}`).hidden", arg=view)


@pytest.fixture
def report(bought: Path, callsheet: Any) -> Path:
    """The page of a film of two shots."""
    assert callsheet("report", "film.yaml")[0] == 0
    return Path("report.html")


def test_a_frame_has_the_same_time_code_everywhere(browser):
    """On the page, in a review, and in what is handed over, listed, or told by a preview's band."""
    rates = [Fraction(24), Fraction(25), Fraction(24_000, 1001), Fraction(30), *DROPPING, Fraction(25, 2)]
    places = [
        (frame, rate) for rate in rates for frame in (0, 1, 29, 1_799, 1_800, 17_982, 107_892, 3_000_001)
    ]
    wanted = [timecode(*place) for place in places]
    asked = [[frame, float(rate)] for frame, rate in places]
    tab = browser.new_page()
    joined = f'{bundle("timecode.js", page_assets())} const {{ timecode }} = modules["timecode.js"];'
    scripts = {"page": joined, "review": review_assets()["timecode.js"].decode()}
    for name, script in scripts.items():
        told = f"asked => {{ {script}\nreturn asked.map(one => timecode(...one)); }}"
        assert tab.evaluate(told, asked) == wanted, name
    tab.close()


def test_an_amount_is_written_alike_everywhere(browser):
    """On the page, in a review, and by every command."""
    amounts = [0, 0.0000001, 0.00025, 0.0005, 0.001, 0.0099, 0.01, 0.045, 0.125, 1.005, 4.8, 1234.5]
    tab = browser.new_page()
    joined = f'{bundle("dollars.js", page_assets())} const {{ money }} = modules["dollars.js"];'
    for script in (joined, review_assets()["dollars.js"].decode()):
        told = tab.evaluate(f"asked => {{ {script}\nreturn asked.map(one => money(one)); }}", amounts)
        assert told == [money(usd) for usd in amounts]
    tab.close()


def test_each_view_shows_what_the_document_says(report, visit):
    tab = visit(report)
    assert tab.title() == "coast" and tab.inner_text("#view-film h2") == "Two shots of the sea."
    assert tab.locator(".timeline .shot").count() == 2
    chosen(tab, "board")
    assert tab.locator(".card").count() == 2
    assert tab.locator(".card .words").first.inner_text() == "waves"
    chosen(tab, "graph")
    assert tab.locator(".cell").count() == 5 and tab.locator(".lines path").count() == 4
    chosen(tab, "run")
    assert tab.locator(".run .row").count() == 7
    chosen(tab, "money")
    assert tab.locator(".moneyrow[role=listitem]").count() == 2
    chosen(tab, "reuse")
    assert tab.locator(".reuserow").count() == 7
    chosen(tab, "failures")
    assert "Nothing failed" in tab.inner_text("#view-failures")


def test_an_instance_tells_how_it_was_made(report, visit):
    tab = visit(report, "board")
    tab.click(".card .face >> nth=0")
    told = tab.inner_text(".inspector")
    assert 'clip["dawn"]' in told and "image_url" in told and "coast-1" in told
    tab.click('.inspector .links >> text=card["dawn"]')
    assert tab.inner_text(".inspector h2") == 'card["dawn"]' and "2 takes" in tab.inner_text(".inspector")
    assert tab.url.endswith("#board/card%5B%22dawn%22%5D")
    tab.keyboard.press("Escape")
    assert tab.locator(".inspector").is_hidden()


def test_the_film_plays_and_a_shot_is_found(report, visit):
    tab = visit(report)
    tab.wait_for_function("document.querySelector('.screen video').readyState >= 1")
    tab.click(".timeline .shot >> nth=1")
    at = tab.evaluate("document.querySelector('.screen video').currentTime")
    data = json.loads(tab.evaluate("document.getElementById('document').textContent"))
    shot = data["film"]["shots"][1]
    assert at == pytest.approx((shot["frame"] + 0.5) / data["film"]["fps"], abs=0.02)
    assert "dusk" in tab.inner_text(".now")


def test_media_beside_the_page_are_shown(bought, callsheet, visit):
    callsheet("report", "film.yaml", "-o", "there/page.html", "--embed", "0MB")
    tab = visit(Path("there/page.html"))
    tab.wait_for_function("document.querySelector('.screen video').readyState >= 1")
    tab.wait_for_function("document.querySelector('.timeline img').naturalWidth > 0")


def test_the_keyboard_reaches_everything(report, visit):
    tab = visit(report)
    tab.focus("#tab-film")
    tab.keyboard.press("ArrowRight")
    assert tab.evaluate("document.activeElement.id") == "tab-board"
    tab.focus(".card .face >> nth=0")
    tab.keyboard.press("ArrowRight")
    assert "dusk" in tab.evaluate("document.activeElement.getAttribute('aria-label')")
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.textContent") == 'clip["dusk"]'
    tab.keyboard.press("Escape")
    assert "dusk" in tab.evaluate("document.activeElement.getAttribute('aria-label')")


@pytest.mark.parametrize("hash", ["board/%E0%A4%A", "nothing", "board/no-such-instance", "/", "film/a/b/c"])
def test_an_address_that_is_cut_off_opens_the_page(report, visit, hash):
    assert visit(report, hash).locator("[role=tab][aria-selected=true]").count() == 1


def test_dark_and_light_can_be_chosen_and_stay(report, visit):
    tab = visit(report, color_scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = tab.evaluate(ground)
    tab.click("button[aria-label='Dark or light']")
    assert tab.evaluate(ground) != dark
    tab.reload()
    assert tab.evaluate(ground) != dark


def test_shots_are_found_by_words(report, visit):
    tab = visit(report, "board")
    tab.fill("input[type=search]", "dusk")
    assert tab.locator(".card").count() == 1 and "1 of 2" in tab.inner_text("[role=status]")
    tab.fill("input[type=search]", "nothing like it")
    assert tab.locator(".card").count() == 0


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("size", [{"width": 1280, "height": 800}, PHONE])
def test_axe_finds_nothing(report, visit, theme, size):
    spec = find_spec("axe_playwright_python")
    if spec is None or spec.origin is None:
        pytest.skip("axe-playwright-python is not installed")
    axe = (Path(spec.origin).parent / "axe.min.js").read_text(encoding="utf-8")
    tab = visit(report, color_scheme=theme, viewport=size)
    tab.evaluate(axe)
    for view in (*VIEWS, "board"):
        chosen(tab, view)
        if view == "board":
            tab.click(".card .face >> nth=0")
        found = tab.evaluate("axe.run({ resultTypes: ['violations'] })")["violations"]
        told = [f"{view}: {one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]]
        assert told == []
        tab.keyboard.press("Escape")


def test_nothing_is_wider_than_a_phone(report, visit):
    tab = visit(report, viewport=PHONE)
    for view in VIEWS:
        chosen(tab, view)
        wide = tab.evaluate("document.documentElement.scrollWidth")
        assert wide <= PHONE["width"], view
        if view != "graph":
            inside = f"document.getElementById('view-{view}').scrollWidth"
            assert tab.evaluate(inside) <= PHONE["width"], view


def harmed(value: Any, text: str) -> Any:
    """The same JSON values with `text` in place of every text that is not what the page itself goes by."""
    match value:
        case dict():
            kept = {"kind", "action", "outcome", "status", "poster", "src", "what", "medium", "prompt"}
            return {key: part if key in kept else harmed(part, text) for key, part in value.items()}
        case list():
            return [harmed(part, text) for part in value]
        case str():
            return text
    return value


@pytest.mark.parametrize("text", HARMFUL)
def test_no_text_is_ever_more_than_a_text(bought, found, visit, text):
    bought.write_text(bought.read_text().replace("waves", "high waves"))
    data = found(bought).document.to_json()
    names = dict.fromkeys(data["media"])
    run = data["runs"][0]["name"]
    data = {**harmed({**data, "media": list(data["media"].values())}, text), "shown": run}
    data["media"] = dict(zip(names, data["media"], strict=True))
    data["runs"][0]["name"] = run
    for number, one in enumerate(data["instances"]):
        one["address"] = f"{text}{number}"
        one["files"] = {text: list(names)[:1]}
    data["failures"] = [{"kind": "failed", "message": text, "next": text, "run": text, "instance": 0}]
    data["notes"] = [text]
    change = {"what": "changed", "address": text, "uses": text, "reason": text, "words": [[text] * 3]}
    data["comparison"] = {
        "kind": "runs", "old": text, "new": text, "changes": [{**change, "usd": [1, 2]}], "same": 1,
        "usd": [1, 2], "seconds": [1, 2], "settings": [text],
    }  # fmt: skip
    Path("page.html").write_text(page(data, text), encoding="utf-8")
    tab = visit(Path("page.html"))
    for view in (*VIEWS, "compare"):
        chosen(tab, view)
        tab.evaluate(
            "document.querySelectorAll('img, video').forEach((one) => one.dispatchEvent(new Event('error')))"
        )
    chosen(tab, "board")
    tab.click(".card .face >> nth=0")
    assert tab.evaluate("window.harmed") is None
    assert tab.locator("iframe, object, embed, #page script, #page style, a[href^=javascript]").count() == 0
    shown = text.replace("\x00", "").split("\u2028")[0].split("<")[0].strip() or text[:6]
    assert shown in tab.evaluate("document.querySelector('.inspector').textContent")


PROBE = """\
const said = {};
const script = document.createElement("script");
script.textContent = "window.ran = true";
document.body.append(script);
said.script = window.ran ? "ran" : "refused";
document.body.insertAdjacentHTML("beforeend", "<p id=hit onclick='window.handled = 1'>x</p>");
document.getElementById("hit").click();
said.handler = window.handled ? "ran" : "refused";
try { said.eval = (0, eval)("1 + 1"); } catch { said.eval = "refused"; }
const image = new Image();
image.onload = () => { said.image = "loaded"; };
image.onerror = () => { said.image = "refused"; };
image.src = "https://example.com/x.png";
fetch("https://example.com/").then(() => { said.fetch = "sent"; }, () => { said.fetch = "refused"; });
window.said = said;
"""
"""What a script inside the page would try, if there were a way in."""


def test_the_policy_holds_even_inside(browser, in_folder):
    Path("page.html").write_text(page({}, "probe", entry="probe.js", more={"probe.js": PROBE}))
    tab = browser.new_page()
    try:
        failed: list[str | None] = []
        tab.on("requestfailed", lambda one: failed.append(one.failure))
        tab.goto(Path("page.html").resolve().as_uri())
        tab.wait_for_function("said.image && said.fetch")
        said = tab.evaluate("said")
    finally:
        tab.close()
    assert said == dict.fromkeys(("script", "handler", "eval", "image", "fetch"), "refused")
    assert failed == ["csp"]


@pytest.mark.parametrize("instances", [40, 1_000, 10_000])
def test_only_what_is_seen_is_drawn(many, found, visit, instances):
    data = found(many(instances)).document.to_json()
    Path("page.html").write_text(page(data, "many"), encoding="utf-8")
    tab = visit(Path("page.html"))
    for view, item in {"board": ".card", "graph": ".lane", "reuse": ".reuserow"}.items():
        chosen(tab, view)
        tab.wait_for_selector(item)
        assert 0 < tab.locator(item).count() <= 80
    chosen(tab, "board")
    tab.evaluate("const view = document.getElementById('view-board'); view.scrollTop = view.scrollHeight")
    last = f"s{instances // 2 - 1:05d}"
    tab.wait_for_function("name => document.querySelector('.board').textContent.includes(name)", arg=last)
    assert tab.locator("*").count() < 2_500


def test_a_printed_page_has_every_view(report, browser):
    tab = browser.new_page()
    try:
        tab.goto(report.resolve().as_uri())
        tab.wait_for_selector("[role=tab]")
        printed = tab.pdf()
        assert printed.startswith(b"%PDF")
        tab.emulate_media(media="print")
        tab.evaluate("dispatchEvent(new Event('beforeprint'))")
        for view in VIEWS:
            assert tab.locator(f"#view-{view}").is_visible()
        assert tab.locator(".reuserow").count() == 7 and tab.locator(".tabs").is_hidden()
    finally:
        tab.close()


def test_a_document_of_another_version_is_refused(bought, found, browser):
    data = {**found(bought).document.to_json(), "version": 99}
    Path("page.html").write_text(page(data, "later"), encoding="utf-8")
    tab = browser.new_page()
    try:
        said: list[str] = []
        tab.on("pageerror", lambda error: said.append(str(error)))
        tab.goto(Path("page.html").resolve().as_uri())
        assert "version 99" in said[0]
    finally:
        tab.close()


def test_events_of_a_run_reach_the_views(bought, found, visit):
    document = replace(found(bought).document, failures=())
    live = {"live.js": LIVE}
    Path("page.html").write_text(page(document.to_json(), "live", entry="live.js", more=live))
    tab = visit(Path("page.html"), "graph")
    started = {"event": "node_started", "address": 'clip["dawn"]', "time": 1.0}
    failed = {"event": "node_failed", "address": 'clip["dawn"]', "message": "no <b>luck</b>", "next_step": ""}
    for event, state in ((started, "working"), (failed, "failed")):
        tab.evaluate("event => app.apply(event)", event)
        assert tab.locator(f".cell.{state}").count() == 1
    tab.click(".cell.failed")
    assert "no <b>luck</b>" in tab.inner_text(".inspector")


LIVE = """\
import { start } from "./app.js";
import { VIEWS } from "./views.js";
const data = JSON.parse(document.getElementById("document").textContent);
window.app = start(document.getElementById("page"), data, VIEWS);
"""
