"""What `callsheet report` writes: one file, files beside it, or a zip file."""

import json
import re
import time
import zipfile
from pathlib import Path

import pytest

DATA = re.compile(r'<script type="application/json" id="document">(.*?)</script>', re.DOTALL)


def document(text: str) -> dict:
    found = DATA.search(text)
    assert found
    return json.loads(found[1])


def test_a_small_film_is_one_file(bought, callsheet):
    code, out, _ = callsheet("report", "film.yaml", "-o", "page.html")
    assert code == 0 and out.startswith("report: page.html")
    assert sorted(p.name for p in Path().iterdir() if p.name.startswith("page")) == ["page.html"]
    text = Path("page.html").read_text()
    media = document(text)["media"]
    assert media and all(one["src"].startswith("#") for one in media.values())
    for one in media.values():
        assert f'id="part-{one["src"][1:]}"' in text


def test_what_does_not_fit_lies_beside_it(bought, callsheet):
    code, out, _ = callsheet("report", "film.yaml", "-o", "page.html", "--embed", "0MB")
    assert code == 0 and "page_files/" in out
    media = document(Path("page.html").read_text())["media"]
    assert all(Path(one["src"]).is_file() and Path(one["poster"]).is_file() for one in media.values())
    callsheet("report", "film.yaml", "-o", "page.html", "--media", "stills", "--embed", "0MB")
    assert {p.suffix for p in Path("page_files").iterdir() if p.name[0] != "."} == {".webp"}


def test_a_zip_holds_all(bought, callsheet, tmp_path, monkeypatch):
    monkeypatch.setattr(time, "localtime", lambda *_: time.struct_time((1970, 1, 1, 0, 0, 0, 3, 1, 0)))
    code, _, _ = callsheet("report", "film.yaml", "-o", "film.zip")
    assert code == 0
    with zipfile.ZipFile("film.zip") as archive:
        archive.extractall(tmp_path / "there")
    there = tmp_path / "there"
    media = document((there / "report.html").read_text())["media"]
    assert media and all((there / one["src"]).is_file() for one in media.values())


def test_without_media_there_is_a_page_alone(bought, callsheet):
    assert callsheet("report", "--media", "none")[0] == 0
    media = document(Path("report.html").read_text())["media"]
    assert media and not any("src" in one or "poster" in one for one in media.values())


def test_copies_are_made_once(bought, callsheet, monkeypatch):
    from callsheet.nodes.media import proxy

    callsheet("report", "film.yaml")
    monkeypatch.setattr(proxy, "poster", lambda _: pytest.fail("it was made again"))
    assert callsheet("report", "film.yaml")[0] == 0


def test_a_file_that_is_gone_is_told_in_place(bought, callsheet):
    for path in Path(".callsheet/blobs").rglob("*.mp4"):
        path.unlink()
    for path in Path("out/coast").rglob("*.mp4"):
        path.write_bytes(b"")
    assert callsheet("report", "film.yaml")[0] == 0
    media = document(Path("report.html").read_text())["media"]
    assert all(one.get("src") or one.get("note") for one in media.values())


def test_a_run_is_named_instead_of_a_file(bought, callsheet):
    callsheet("run", "film.yaml", "--yes")
    bought.write_text(bought.read_text().replace("waves", "high waves"))
    callsheet("run", "film.yaml", "--yes")
    code, _, _ = callsheet("report", "coast-1", "--media", "none")
    assert code == 0 and document(Path("report.html").read_text())["shown"] == "coast-1"
    code, _, _ = callsheet("report", "coast-2", "--against", "coast-1", "--media", "none")
    assert code == 0 and document(Path("report.html").read_text())["comparison"]["old"] == "coast-1"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["report", "film.yaml", "-o", "page.pdf"], ".html or .zip"),
        (["report", "nothing.yaml"], "nothing.yaml"),
        (["report", "coast-7"], "there is no run coast-7"),
        (["report", "film.yaml", "--embed", "much"], "not a size"),
        (["report", "film.yaml", "-o", "film.yaml/page.html"], "film.yaml"),
    ],
)
def test_mistakes_have_a_message(bought, callsheet, words, said):
    code, _, err = callsheet(*words)
    assert code != 0 and said in err and "Traceback" not in err


def test_a_film_with_errors_has_its_diagnostics(film, callsheet):
    film.write_text(film.read_text().replace("media/concat", "media/concatt"))
    code, _, err = callsheet("report", "film.yaml")
    assert code == 1 and "film.yaml:" in err and "media/concat" in err


@pytest.mark.parametrize(("instances", "most"), [(1_000, 2_000_000), (10_000, 10_000_000)])
def test_a_large_film_is_a_page_of_bounded_size(many, callsheet, instances, most):
    many(instances)
    assert callsheet("report", "film.yaml", "--media", "none")[0] == 0
    text = Path("report.html").read_text()
    assert len(text.encode()) <= most
    assert len(document(text)["instances"]) == instances + 1
