"""What a person can do on the review page. Each action calls the function that the verb of its name uses."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from callsheet.dsl.graph import Graph
from callsheet.errors import InputError, StoreError
from callsheet.review.asked import Asked, drawing, note_id, number, text, texts
from callsheet.review.film import Film
from callsheet.review.message import Refusal
from callsheet.review.purchases import Purchases
from callsheet.runtime import keys
from callsheet.runtime.approve import approve
from callsheet.runtime.notes.change import Said, add_note, close, reopen, reply
from callsheet.runtime.pick import pick
from callsheet.runtime.project_state import project_state
from callsheet.runtime.reject import reject
from callsheet.runtime.reword import reword, template_of
from callsheet.runtime.store.os_lock import held
from callsheet.runtime.workspace import Workspace
from callsheet.spec.project import AT_WORK

PATIENCE: Final = 10.0
"""Seconds that a decision waits for another one."""
Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Actions:
    """The actions on a film. purchases: those that make something."""

    film: Film
    purchases: Purchases

    def do(self, name: str, asked: Asked) -> Answer:
        """Do what a page asks for. Raises Refusal for what is no action, and what its function raises."""
        found = self._all.get(name)
        if found is None:
            raise Refusal(404, f"there is no action {name}")
        return found(asked)

    @property
    def _all(self) -> Mapping[str, Callable[[Asked], Answer]]:
        return {
            "approve": self._approve,
            "reject": self._reject,
            "pick": self._pick,
            "note": self._note,
            "reply": self._reply,
            "close": self._close,
            "reopen": self._reopen,
            "text": self._text,
            "reword": self._reword,
            "price": self.purchases.price,
            "run": self.purchases.run,
            "retake": self.purchases.retake,
            "preview": self.purchases.preview,
            "stop": self.purchases.stop,
        }

    def _approve(self, asked: Asked) -> Answer:
        """Approve results as they are, or take that back."""
        addresses, undo, store = texts(asked, "addresses"), asked.get("undo") is True, self.film.store
        with self._deciding(asked, () if undo else addresses) as (workspace, graph):
            done = approve(workspace, graph, addresses, undo, text(asked, "note"), store)
        return {"changed": [one.address for one in done]}

    def _reject(self, asked: Asked) -> Answer:
        """Reject results, or take that back."""
        why, undo, addresses = text(asked, "why"), asked.get("undo") is True, texts(asked, "addresses")
        if not undo and not why.strip():
            raise InputError("say why", "a few words; they stand in the lock file")
        with self._deciding(asked, () if undo else addresses) as (workspace, graph):
            done = reject(workspace, graph, addresses, why, undo, self.film.store)
        return {"changed": [one.address for one in done]}

    def _pick(self, asked: Asked) -> Answer:
        """Let one take count."""
        with self._deciding(asked, picks=False) as (workspace, graph):
            address, which = text(asked, "address"), number(asked, "number", 1)
            done = pick(workspace, graph, address, which, text(asked, "note"), self.film.store)
        return {"changed": [done.address], "number": done.number}

    def _note(self, asked: Asked) -> Answer:
        """Add a note on a shot or the film, at a frame or a range of them."""
        frame = None if asked.get("frame") is None else number(asked, "frame", 0)
        said = Said(
            text(asked, "text"),
            text(asked, "shot"),
            frame,
            number(asked, "frames", 1) if frame is not None else 1,
            text(asked, "author"),
            drawing(asked),
            note_id(asked),
        )
        with self.film.open() as workspace:
            return {"note": add_note(workspace, self.film.load(), said, self.film.store).to_json()}

    def _reply(self, asked: Asked) -> Answer:
        with self.film.open() as workspace:
            graph, by = self.film.load(), text(asked, "author")
            return {"note": reply(workspace, graph, text(asked, "id"), text(asked, "text"), by).to_json()}

    def _close(self, asked: Asked) -> Answer:
        with self.film.open() as workspace:
            return {"note": close(workspace, self.film.load(), text(asked, "id")).to_json()}

    def _reopen(self, asked: Asked) -> Answer:
        with self.film.open() as workspace:
            return {"note": reopen(workspace, self.film.load(), text(asked, "id")).to_json()}

    def _text(self, asked: Asked) -> Answer:
        """What the file says of a text of a node, with its expressions."""
        return {"text": template_of(self.film.file, text(asked, "node"), text(asked, "parameter"))}

    def _reword(self, asked: Asked) -> Answer:
        """Write another text into the file. Returns the change, and what a run costs then."""
        film, before = self.film, text(asked, "before")
        node, parameter, new = text(asked, "node"), text(asked, "parameter"), text(asked, "text")
        done = reword(film.file, node, parameter, new, before, film.sets, film.inputs)
        return {"diff": done.diff, **self.purchases.price({})}

    @contextlib.contextmanager
    def _deciding(
        self, asked: Asked, about: Sequence[str] = (), picks: bool = True
    ) -> Iterator[tuple[Workspace, Graph]]:
        """The project and the film, while no other page decides anything; and only if the results are still
        those that the person saw. about: what has to have been seen."""
        with self.film.open() as workspace, _alone(workspace):
            graph = self.film.load(picks)
            self._require_seen(workspace, graph, asked, about)
            yield workspace, graph

    def _require_seen(self, workspace: Workspace, graph: Graph, asked: Asked, about: Sequence[str]) -> None:
        """Raises Refusal where a result is another one than the page showed, and where it showed none of what
        is decided about. seen: address → the digest of its result."""
        given = asked.get("seen")
        seen = given if isinstance(given, dict) else {}
        for address in about:
            if not seen.get(address):
                raise Refusal(409, f"this page has not shown what {address} is", "look at it first")
        outputs = project_state(graph, workspace, store=self.film.store).outputs if seen else {}
        for address, digest in seen.items():
            found = outputs.get(address)
            if found is None or keys.result(found) != digest:
                raise Refusal(409, f"{address} has another result by now", "look at it again")


@contextlib.contextmanager
def _alone(workspace: Workspace) -> Iterator[None]:
    """While inside, no other page of this project decides anything. Raises StoreError after a while."""
    workspace.ignore()
    end = time.monotonic() + PATIENCE
    while True:
        with held(workspace.state / AT_WORK / "decisions.lock") as is_mine:
            if is_mine:
                yield
                return
        if time.monotonic() > end:
            raise StoreError("another page of this project decides something", "try again")
        time.sleep(0.02)
