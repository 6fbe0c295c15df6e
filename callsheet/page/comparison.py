"""Two runs of a film, or two revisions of it, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from callsheet.errors import InputError
from callsheet.page.document.comparison import Changed, Comparison
from callsheet.page.media import Library
from callsheet.runtime.diff.changes import Change
from callsheet.runtime.diff.diff import diff
from callsheet.runtime.diff.runs import Call, CallChange, RunChanges, compare_runs
from callsheet.runtime.diff.text_diff import Difference, readable
from callsheet.runtime.git_revision import told
from callsheet.runtime.ledger import LedgerReader, Run
from callsheet.runtime.lock.lines import Result
from callsheet.runtime.lock.read import canonical
from callsheet.runtime.store.blobs import Store
from callsheet.runtime.workspace import Workspace
from callsheet.spec import shell
from callsheet.spec.media import Artifact
from callsheet.spec.project import lock_path
from callsheet.spec.types import MediaKind
from callsheet.spec.wording import shown

KINDS: Mapping[str, MediaKind] = {
    ".png": "image", ".jpg": "image", ".jpeg": "image", ".webp": "image", ".gif": "image",
    ".mp4": "video", ".mov": "video", ".webm": "video", ".mkv": "video",
    ".wav": "audio", ".mp3": "audio", ".m4a": "audio", ".flac": "audio", ".ogg": "audio",
}  # fmt: skip
"""Ending → what a stored file is. A lock file names files by their digests alone."""


@dataclass(frozen=True, slots=True)
class Comparer:
    """Compares, and adds the results of before to the media of a page. places: address → index of the
    instance. shown: index → media ids of its result now."""

    store: Store
    library: Library
    places: Mapping[str, int]
    shown: Mapping[int, tuple[str, ...]]

    def runs(self, ledger: LedgerReader, old: Run, new: Run) -> Comparison:
        """Two runs: what each asked for, what came, and what it cost."""
        found = compare_runs(ledger, old, new)
        changes = tuple(self._call(ledger, change) for change in found.calls)
        return Comparison("runs", found.old, found.new, changes, found.same, found.usd)

    def revisions(self, workspace: Workspace, revision: str, pipeline: Path) -> Comparison:
        """A revision in git and the film as it is now. Raises InputError for one that git does not have, and
        SideError where it has errors."""
        found = diff(workspace, revision, str(pipeline))
        if isinstance(found, RunChanges):
            words = ["callsheet", "report", revision, "--against", "OTHER_RUN"]
            raise InputError(f"{revision} is a run", shell.command(words))
        before = dict(_results(pipeline, revision))
        changes = tuple(self._change(change, before) for change in found.instances)
        same = len(self.places) - sum(change.what != "removed" for change in found.instances)
        return Comparison(
            "revisions", found.old, found.new, changes, same, found.film_usd, found.seconds, found.settings
        )

    def _change(self, change: Change, before: Mapping[str, Mapping[str, str]]) -> Changed:
        place = self.places.get(change.address)
        old = before.get(change.before or change.address, {})
        return Changed(
            what=change.what,
            address=change.address,
            uses=change.uses,
            reason=change.reason,
            words=tuple(map(_words, change.differences)),
            old=tuple(self._stored(old, change.address)),
            new=() if place is None or change.what == "removed" else self.shown.get(place, ()),
            usd=(None, change.usd),
            instance=place,
        )

    def _call(self, ledger: LedgerReader, change: CallChange) -> Changed:
        call = change.new or change.old
        assert call is not None
        return Changed(
            what="added" if change.old is None else "removed" if change.new is None else "changed",
            address=change.address,
            uses=call.endpoint,
            reason=change.reason,
            words=tuple(map(_words, change.differences)),
            old=tuple(self._result(ledger, change.old, change.address)),
            new=tuple(self._result(ledger, change.new, change.address)),
            usd=(change.old.usd if change.old else None, change.new.usd if change.new else None),
            instance=self.places.get(change.address),
        )

    def _result(self, ledger: LedgerReader, call: Call | None, address: str) -> Iterator[str]:
        """The media of a call's result that are on this machine."""
        attempt = ledger.committed(call.key) if call else None
        for kept in ledger.kept(attempt.id) if attempt else ():
            path = self.store.path(kept.digest, kept.suffix)
            yield from self._added(path, kept.kind, kept.digest, address)

    def _stored(self, outputs: Mapping[str, str], address: str) -> Iterator[str]:
        """The media among what a lock file named, as far as their files are here."""
        for digest in outputs.values():
            folder = self.store.path(digest, "").parent
            for path in sorted(folder.glob(f"{digest[2:]}.*")):
                if path.suffix in KINDS:
                    yield from self._added(path, KINDS[path.suffix], digest, address)

    def _added(self, path: Path, kind: MediaKind, digest: str, address: str) -> Iterator[str]:
        if path.is_file():
            yield self.library.add(Artifact(kind, path, digest), f"{address} before")


def _results(pipeline: Path, revision: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Address → place among its outputs → digest, as the lock file of a revision names them."""
    text = told(pipeline.parent, "show", f"{_base(revision)}:./{lock_path(pipeline).name}")
    found = canonical(text.decode("utf-8", "replace").replace("\r\n", "\n"))
    for line in found.lines if found else ():
        if isinstance(line, Result) and not line.section:
            yield line.address, line.made.outputs


def _base(revision: str) -> str:
    return revision.partition("..")[0] or "HEAD"


def _words(difference: Difference) -> tuple[str, str, str]:
    return difference.place, _text(difference.old), _text(difference.new)


def _text(value: object) -> str:
    found = readable(value)
    return found if isinstance(found, str) else shown(found)
