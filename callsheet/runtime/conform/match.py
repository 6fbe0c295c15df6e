"""Which instance or file a clip of an edit shows: by our metadata, else by its bytes, else by its name."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PureWindowsPath
from typing import Final
from urllib.parse import unquote, urlsplit

from callsheet.dsl.address import words
from callsheet.dsl.cuts.clips import reference
from callsheet.dsl.cuts.edit import Placed, part
from callsheet.dsl.cuts.timeline import TIMELINE
from callsheet.dsl.graph import Instance
from callsheet.dsl.values.media_files import is_hidden, is_outside
from callsheet.errors import NodeError
from callsheet.nodes.media.inspector import MediaInspector
from callsheet.nodes.media.stems import ROLES, is_stem
from callsheet.nodes.media.tags.mp4_timecode import start_code
from callsheet.runtime.own_files import own_files
from callsheet.runtime.project_state import ProjectState
from callsheet.runtime.store import atomic as disk
from callsheet.spec.media import Artifact
from callsheet.spec.project import OUT, project_root
from callsheet.spec.types import IMAGE, VIDEO, Media
from callsheet.spec.values import Place, leaves, place_name, placed_leaves

OTHERS: Final = re.compile(r"[\W_]+")
WHOLE: Final = (
    "is the film itself, which cannot show itself: lay its sound under it with media/mux, or as `sounds`"
)
SHOWN: Final = {"video": ("video", "image"), "audio": ("audio", "video")}
"""What a clip on a track of pictures, or of sound, can show."""
SOUND: Final = (
    "is sound of the film itself, which its pipeline lays under it: what was changed of it here is not heard"
)
TAKE: Final = re.compile(r"-take\d+$")
ENDING: Final = re.compile(r"\.[A-Za-z0-9]{2,4}$")


@dataclass(frozen=True, slots=True)
class Shows:
    """What a clip shows. mark: as it is written into the cut, None where it cannot be shown. why: what to
    tell about it. artifact: what is made of it now, None for nothing. by_name: it was known by the name of
    its file alone."""

    mark: Mapping[str, str] | None
    why: str = ""
    artifact: Artifact | None = None
    by_name: bool = False


class Matcher:
    """films: the digests of the film as it was handed over, and as it is now. name: of its pipeline. folder:
    of the edited file."""

    def __init__(self, now: ProjectState, films: frozenset[str], name: str, folder: Path) -> None:
        self.now, self.films, self.name, self.folder = now, films, name, folder
        self.base = now.graph.path.parent
        self.inspector = MediaInspector()

    def __call__(self, clip: Placed) -> Shows:
        about, told = clip.about, part(part(clip.medium, "metadata"), "callsheet")
        digest = str(about.get("digest") or told.get("digest") or "")
        reel = str(told.get("reel") or "")
        if reel and not digest:
            digest = self._of_reel(reel)
        if digest in self.films:
            return Shows(None, WHOLE if clip.kind == "video" else SOUND)
        address = str(about.get("address") or "")
        ours = about.get("film") == self.name
        if ours and address in self._instances:
            return self._shot(self._instances[address], digest)
        if (known := self._known(digest)) is not None:
            return known
        found = self._by_file(clip, address)
        if found.mark is None and ours and (gone := self._gone(about, address)) is not None:
            return gone
        return found

    def _gone(self, about: Mapping[str, object], address: str) -> Shows | None:
        """A shot of this film that it does not have any more: it keeps its place."""
        output = str(about.get("output") or "video")
        if not reference(address, output):
            return None
        why = f"shows {address}, which this film does not have: its place stays black until it is back"
        return Shows({"address": address, "output": output}, why)

    def _known(self, digest: str) -> Shows | None:
        """The result, or the file of the user's that the film uses, that has these bytes."""
        if digest in self.films:
            return Shows(None, WHOLE)
        if digest in self._made:
            return self._result(*self._made[digest])
        return self._file(self._own_files[digest]) if digest in self._own_files else None

    def _file(self, path: Path, why: str = "") -> Shows:
        text = Path(os.path.relpath(path.resolve(), self.base.resolve())).as_posix()
        return Shows({"file": text if text.startswith(".") else f"./{text}"}, why)

    def _by_file(self, clip: Placed, address: str) -> Shows:
        url = clip.medium.get("target_url")
        if not isinstance(url, str) or not url.strip():
            if str(clip.medium.get("OTIO_SCHEMA")).startswith("GeneratorReference"):
                return Shows(None, "is made by the editing program, so it is kept in the cut and not shown")
            found = self._named(clip.name)
            return found or Shows(None, "has no media, so it is kept in the cut and not shown")
        path = _path_of(url, self.folder)
        if path is None:
            return Shows(None, f"is at {url[:120]}, which is not opened: put it into the project as a file")
        mine = self._usable(path)
        if is_stem(path) if mine else self._is_called_stem(PureWindowsPath(path).name):
            return Shows(None, SOUND)
        if mine and (known := self._known(disk.digest(path)) or self._known(self._reel_of(path))) is not None:
            return known
        if (found := self._named(PureWindowsPath(path).name)) is not None:
            return found
        if plain_name(path.stem) in self._films and (not mine or self._is_result(path)):
            return Shows(None, WHOLE)
        if not mine:
            what = f"shows {address}, which this film does not have, and" if address else "shows"
            return Shows(None, f"{what} {path}, which is not a file of this project: copy it into it")
        if self._kind(path) not in SHOWN[clip.kind]:
            return Shows(
                None, f"shows {path}, which callsheet does not read: export it as another kind of file"
            )
        gone = f"shows {address}, which this film does not have: its file is shown" if address else ""
        return self._file(path, gone)

    def _named(self, name: str) -> Shows | None:
        """The shot whose file is handed over under this name; None where that may be several, or none."""
        found = self._names.get(plain_name(name), [])
        if len(found) > 1:
            return Shows(None, f"may be {' or '.join(found[:3])} by its name: export OpenTimelineIO instead")
        return replace(self._shot(self._instances[found[0]], ""), by_name=True) if found else None

    def _is_called_stem(self, name: str) -> bool:
        """Whether a file is called like a part of this film's sound."""
        return plain_name(name) in {plain_name(f"{self.name}-{role}") for role in ROLES}

    def _of_reel(self, reel: str) -> str:
        """The digest that begins like the name of a reel; "" where none of this film does."""
        known = (*self.films, *self._made, *self._own_files)
        return next((digest for digest in known if digest[:8].upper() == reel), "")

    def _reel_of(self, path: Path) -> str:
        """The digest of the medium that was handed over as the file at `path`: its reel is its beginning."""
        code = start_code(path)
        return self._of_reel(code.reel) if code and code.reel else ""

    def _kind(self, path: Path) -> str:
        """What is in a file: video, image or audio; "" for what cannot be read as one of them."""
        try:
            kind = self.inspector.identify(path)
            if kind is None:
                return ""
            self.inspector.probe(path)
        except (OSError, NodeError):
            return ""
        return kind

    def _usable(self, path: Path) -> bool:
        root = project_root(self.base)
        try:
            return not is_outside(path, root) and not is_hidden(path, root) and path.is_file()
        except OSError:
            return False

    def _shot(self, instance: Instance, digest: str) -> Shows:
        """A shot by its address: the output that it was, else its first video or picture."""
        found = self._made.get(digest)
        if found is not None and found[0].base == instance.base:
            return self._result(*found)
        media = [name for kind in (VIDEO, IMAGE) for name, t in instance.spec.outputs.items() if t == kind]
        if not media or not isinstance(instance.spec.outputs[media[0]], Media):
            return Shows(None, f"shows {instance.base}, which makes no video")
        return self._result(instance, (media[0],))

    def _result(self, instance: Instance, place: Place) -> Shows:
        """An output of the take that counts, whichever take the clip showed."""
        output = place_name(place)
        if not reference(instance.base, output):
            why = f"shows {instance.base}, which is inside of a recipe: give it as an output of the recipe"
            return Shows(None, why)
        counting = self._instances[instance.base]
        made = dict(placed_leaves(self.now.outputs.get(counting.address, {}), Artifact))
        return Shows({"address": instance.base, "output": output}, "", made.get(place))

    @cached_property
    def _instances(self) -> Mapping[str, Instance]:
        """Address without the take → the take that counts."""
        return {i.base: i for i in sorted(self.now.graph.instances.values(), key=lambda i: i.take.picked)}

    @cached_property
    def _made(self) -> Mapping[str, tuple[Instance, Place]]:
        """Digest → the first instance that made these bytes, and where among its outputs they are."""
        found: dict[str, tuple[Instance, Place]] = {}
        for instance in self.now.graph.instances.values():
            for place, artifact in placed_leaves(self.now.outputs.get(instance.address, {}), Artifact):
                found.setdefault(artifact.digest, (instance, place))
        return found

    @cached_property
    def _own_files(self) -> Mapping[str, Path]:
        return own_files(self.now.graph)

    @cached_property
    def _names(self) -> Mapping[str, list[str]]:
        """The name of a file that is handed over → the addresses that it may be of."""
        found: dict[str, list[str]] = {}
        for base in self._instances:
            if plain_name(words(base)) not in self._films:
                found.setdefault(plain_name(words(base)), []).append(base)
        return found

    @cached_property
    def _films(self) -> frozenset[str]:
        """The names of what makes the film, after which no shot is called."""
        return frozenset(plain_name(words(b)) for b, found in self._instances.items() if self._is_film(found))

    def _is_result(self, path: Path) -> bool:
        """Whether a file is where runs write what they made."""
        return path.resolve().is_relative_to(project_root(self.base).resolve() / OUT)

    def _is_film(self, instance: Instance) -> bool:
        """Whether it makes the film, which no file is known as by its name: the film cannot show itself."""
        made = leaves(self.now.outputs.get(instance.address), Artifact)
        return instance.spec.uses == TIMELINE or any(one.digest in self.films for one in made)


def plain_name(name: str) -> str:
    """The name of a file without its ending, its take, its punctuation and its capitals."""
    name = name.removesuffix(PureWindowsPath(name).suffix) if ENDING.search(name) else name
    return OTHERS.sub("-", TAKE.sub("", name)).strip("-").casefold()


def _path_of(url: str, folder: Path) -> Path | None:
    """The file that a URL or a path names; None for what lies on another machine."""
    parts = urlsplit(url)
    if parts.scheme not in ("", "file") or parts.netloc not in ("", "localhost") or "\0" in unquote(url):
        return None
    return folder / unquote(parts.path if parts.scheme else url)
