"""Writes the review page for somebody without callsheet: one file, or a zip with the media beside the page.

It plays offline and loads nothing from elsewhere. It has what is seen: no prices, no prompts, no names of
models, and no notes of the team.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from callsheet.errors import InputError
from callsheet.page.html import in_script
from callsheet.page.proxies import Proxies, all_of
from callsheet.page.zipped import write_zip
from callsheet.review.assets import assets
from callsheet.review.film import Film, Shown, shown
from callsheet.runtime.lock.author import now
from callsheet.runtime.store import atomic as disk
from callsheet.spec import shell
from callsheet.spec.content_types import by_name
from callsheet.spec.media import Artifact, Facts

SCRIPTS: Final = (
    "dom.js",
    "timecode.js",
    "dollars.js",
    "player.js",
    "drawing.js",
    "viewer.js",
    "notes.js",
    "takes.js",
    "shots.js",
    "run.js",
    "offline.js",
    "review.js",
)
"""In the order in which they are read; they share one scope."""
MOST_INSIDE: Final = 200 << 20
"""Bytes of media inside one page; browsers take no much larger ones."""
OF_A_SHOT: Final = ("address", "node", "needs", "gate", "local")
OF_A_TAKE: Final = ("number", "address", "picked", "made", "digest", "media", "preview")
STILL: Final = "-still"
"""Ends the name of a picture of a video."""
SHOWN: Final = ("image", "video", "audio")


@dataclass(frozen=True, slots=True)
class Exported:
    """A page that was written. media: how many files it has. size: bytes. notes: what it lacks."""

    path: Path
    media: int
    size: int
    notes: tuple[str, ...]


def export_page(film: Film, target: Path) -> Exported:
    """Write the page of a film as it is now. target: ends in `.html` or `.zip`.

    Raises InputError for another ending, a folder that is not there, a film of which nothing is made, and
    media that are too many for one page; PipelineError, StoreError.
    """
    if target.suffix not in (".html", ".zip"):
        raise InputError(f"--export {target} is no page", "let its name end in .html, or in .zip")
    if not target.parent.is_dir():
        raise InputError(f"there is no folder {target.parent}", "make it, or write the page elsewhere")
    found = shown(film)
    copies, notes = _copies(film, found)
    if not copies:
        run = shell.command(["callsheet", "run", film.file, "--preview"])
        raise InputError(f"there is nothing to see of {film.file} yet", run)
    size = sum(path.stat().st_size for path in copies.values())
    if target.suffix == ".zip":
        _write_zip(found, copies, target)
    elif size > MOST_INSIDE:
        raise InputError(
            f"the media are {size >> 20} MB, and one page holds {MOST_INSIDE >> 20}",
            "let the name end in .zip",
        )
    else:
        page = _page(found, {d: {"type": by_name(path)} for d, path in copies.items()}, _parts(copies))
        disk.replace(target, [page.encode("utf-8", "replace")])
    media = sum(not name.endswith(STILL) for name in copies)
    return Exported(target, media, target.stat().st_size, notes)


def _copies(film: Film, found: Shown) -> tuple[dict[str, Path], tuple[str, ...]]:
    """Digest → a small copy of each medium that is shown; and what is missing."""
    kinds = {m["digest"]: m for m in _media(found.document) if m["kind"] in SHOWN}
    facts = {d: Facts(m["seconds"], m["width"], m["height"], m["fps"]) for d, m in kinds.items()}
    artifacts = [Artifact(m["kind"], found.media[d], d, facts[d]) for d, m in kinds.items()]
    with film.open() as workspace:
        made = list(all_of(artifacts, Proxies.of(workspace).proxy))
        stills = list(all_of([a for a in artifacts if a.kind == "video"], Proxies.of(workspace).poster))
    copies = {a.digest: path for a, (path, _) in zip(artifacts, made, strict=True) if path}
    videos = (a.digest for a in artifacts if a.kind == "video")
    copies |= {f"{d}{STILL}": path for d, (path, _) in zip(videos, stills, strict=True) if path}
    notes = [f"{a.path.name} is not shown: {why}" for a, (_, why) in zip(artifacts, made, strict=True) if why]
    return copies, tuple(notes)


def _media(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Each medium that a page can show: that of a preview only where nothing is made."""
    yield from document["reels"]
    for shot in document["shots"]:
        for take in shot["takes"]:
            yield from take["media"] or take["preview"]


def _write_zip(found: Shown, copies: Mapping[str, Path], target: Path) -> None:
    """The page, and its media beside it."""
    names = {}
    for digest, path in copies.items():
        name = f"{digest[:16]}{STILL if digest.endswith(STILL) else ''}{path.suffix}"
        names[digest] = {"type": by_name(path), "path": f"media/{name}"}
    page = _page(found, names, ()).encode("utf-8", "replace")
    write_zip(target, "review.html", page, {names[digest]["path"]: path for digest, path in copies.items()})


def _parts(copies: Mapping[str, Path]) -> Iterator[str]:
    for digest, path in copies.items():
        text = base64.b64encode(path.read_bytes()).decode()
        yield f'<script type="text/plain" id="part-{digest}">{text}</script>'


def _page(found: Shown, media: Mapping[str, Mapping[str, str]], parts: Any) -> str:
    data = {
        "version": 1,
        "export": uuid4().hex,
        "made": now(),
        "film": _for_a_client(found.document, media),
        "media": media,
    }
    script = "\n".join(assets()[name].decode() for name in SCRIPTS)
    style = assets()["review.css"].decode()
    template = assets()["review.html"].decode()
    head, _, rest = template.partition('<link rel="stylesheet"')
    body = rest[rest.index("</head>") :].replace("</body>", "").replace("</html>", "")
    policy = (
        f"default-src 'none'; script-src {_digest(script)}; style-src {_digest(style)}; "
        "img-src data: blob: 'self' file:; media-src blob: 'self' file:; base-uri 'none'; form-action 'none'"
    )
    return "".join(
        (
            head,
            f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">\n',
            f"<style>{style}</style>\n",
            body,
            f'<script type="application/json" id="film">{in_script(data)}</script>\n',
            *parts,
            f"<script>{script}</script>\n</body>\n</html>\n",
        )
    )


def _for_a_client(document: Mapping[str, Any], media: Mapping[str, Any]) -> dict[str, Any]:
    """What is seen of the film, and no more."""
    shots = []
    for shot in document["shots"]:
        takes = [{name: take[name] for name in OF_A_TAKE} for take in shot["takes"]]
        for take in takes:
            take["media"] = [m for m in take["media"] if m["digest"] in media]
            take["preview"] = [m for m in take["preview"] if m["digest"] in media and not take["media"]]
            take.update(seed=None, rejected="", each=None)
        if any(take["media"] or take["preview"] for take in takes):
            kept = {name: shot[name] for name in OF_A_SHOT}
            shots.append({**kept, "action": "", "reason": "", "parameter": "", "prompt": "", "takes": takes})
    reels = [reel for reel in document["reels"] if reel["digest"] in media]
    plan = {"price": {"text": ""}, "counts": {}, "seconds": 0}
    return {"version": 1, "name": document["name"], "plan": plan, "reels": reels, "shots": shots}


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
