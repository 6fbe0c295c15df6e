"""What answers of clients would change, held against the film as it is now; and changes that are accepted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Final, Literal

from callsheet.dsl.graph import Instance
from callsheet.errors import InputError
from callsheet.review.answers import Answer, Answers
from callsheet.review.film import Film
from callsheet.runtime import keys
from callsheet.runtime.approve import approve
from callsheet.runtime.lock.author import now as time
from callsheet.runtime.lock.author import on_one_line
from callsheet.runtime.notes.note import Note, Reply
from callsheet.runtime.notes.notes_file import read_notes, to_be_changed, write_notes
from callsheet.runtime.notes.subject import subject_of
from callsheet.runtime.pick import pick
from callsheet.runtime.project_state import ProjectState, project_state
from callsheet.runtime.reject import reject
from callsheet.runtime.workspace import Workspace
from callsheet.spec.media import Artifact
from callsheet.spec.values import leaves

State = Literal["new", "known", "late", "gone", "contradicts", "refused"]
MORE: Final = "the note is there; what was said to it since is added"
WORDS: Final = {"approve": "approve", "reject": "reject", "pick": "pick", "note": "note"}


@dataclass(frozen=True, slots=True)
class Proposal:
    """An answer, and what it would do. state: *new*: a change; *known*: it is so already; *late*: about a
    result that the film does not show any more (a note is kept, and says so); *gone*: the film has no such
    shot or take; *contradicts*: two people say different things; *refused*: nothing waits for it. why: in
    words."""

    answer: Answer
    state: State
    why: str = ""

    @property
    def applies(self) -> bool:
        """Whether it can be accepted as it is."""
        return self.state == "new" or (self.state == "late" and self.answer.kind == "note")

    def contradicts(self, other: Proposal) -> bool:
        """Whether only one of the two can hold."""
        return _contradict(self.answer, other.answer)

    @property
    def what(self) -> str:
        """`pick take 2 of clip["dawn"]`."""
        answer = self.answer
        shot = answer.shot or "the film"
        if answer.kind == "note":
            at = "" if answer.frame is None else f" at frame {answer.frame}"
            return f"note on {shot}{at}: {answer.text or '(a drawing)'}"
        why = f": {answer.text}" if answer.text else ""
        return f"{WORDS[answer.kind]} take {answer.take} of {shot}{why}"


def proposals(film: Film, given: Sequence[Answers]) -> tuple[Proposal, ...]:
    """What these answers would change. Changes nothing.

    Raises InputError for answers about another film, PipelineError for a file that cannot be read.
    """
    graph = film.load()
    for one in given:
        if one.film != graph.name:
            raise InputError(
                f"{one.path} is about the film {one.film}, and {film.file} is {graph.name}",
                "name the pipeline that the page was exported from",
            )
    with film.open() as workspace:
        now = project_state(graph, workspace, store=film.store)
    held = _Held(film, now)
    found = [held.proposal(answer) for answer in chain.from_iterable(one.answers for one in given)]
    return tuple(_with_contradictions(found))


def accept(film: Film, accepted: Sequence[Proposal]) -> list[tuple[Proposal, InputError]]:
    """Do what was accepted, each as its verb does it. Picks come first: an approval is of the take that
    counts then. Returns those that could not be done, and why. Raises StoreError, PipelineError."""
    failed = []
    order = {"pick": 0, "reject": 1, "approve": 2}
    decisions = (one for one in accepted if one.answer.kind != "note")
    for one in sorted(decisions, key=lambda proposal: order[proposal.answer.kind]):
        try:
            with film.open() as workspace:
                _do(film, workspace, one.answer)
        except InputError as error:
            failed.append((one, error))
    if notes := [one for one in accepted if one.answer.kind == "note"]:
        with film.open() as workspace:
            failed += _keep(film, workspace, notes)
    return failed


def _do(film: Film, workspace: Workspace, answer: Answer) -> None:
    why = f"{answer.by}: {answer.text}" if answer.text else answer.by
    match answer.kind:
        case "pick":
            pick(workspace, film.load(picks=False), answer.shot, answer.take, why, film.store)
        case "approve":
            approve(workspace, film.load(), [_take(answer)], note=why, store=film.store)
        case "reject":
            reject(workspace, film.load(), [_take(answer)], note=why, store=film.store)


def _take(answer: Answer) -> str:
    return f"{answer.shot}#{answer.take}"


def _keep(
    film: Film, workspace: Workspace, accepted: Sequence[Proposal]
) -> list[tuple[Proposal, InputError]]:
    """Write notes as they were said, all at once; those that are there already get what is new to them."""
    graph, failed = film.load(), []
    now = project_state(graph, workspace, store=film.store)
    with to_be_changed(workspace, graph.path) as notes:
        there, changed = {note.id: note for note in notes.notes}, dict[str, Note]()
        for one in accepted:
            answer = one.answer
            known = changed.get(answer.id) or there.get(answer.id)
            try:
                changed[answer.id] = _more_of(known, answer) if known else _note_of(now, answer)
            except InputError as error:
                failed.append((one, error))
        write_notes(graph.path, changed.values())
    return failed


def _note_of(now: ProjectState, answer: Answer) -> Note:
    """A note on the result that was seen, though the film may show another by now."""
    about = subject_of(now, answer.shot and _take(answer))
    same = about.digest == answer.digest
    return Note(
        answer.id,
        answer.text,
        about.shot,
        answer.take,
        answer.digest,
        about.key if same else "",
        answer.frame,
        answer.frames,
        about.rate if answer.frame is not None else None,
        on_one_line(answer.by),
        answer.at or time(),
        "done" if answer.done else "open",
        replies=tuple(Reply(on_one_line(by), answer.at or time(), text) for by, text in answer.replies),
        drawing=answer.drawing,
    )


@dataclass
class _Held:
    """Holds answers against the film as it is now."""

    film: Film
    now: ProjectState

    def proposal(self, answer: Answer) -> Proposal:
        if answer.kind == "note":
            return self._note(answer)
        takes = [i for i in self.now.graph.instances.values() if i.base == answer.shot]
        take = next((i for i in takes if i.take.number == answer.take), None)
        if take is None:
            return Proposal(answer, "gone", f"the film has no take {answer.take} of {answer.shot}")
        outputs = self.now.outputs.get(take.address)
        if not answer.digest:
            return Proposal(answer, "late", f"take {answer.take} of {answer.shot} was not made, or not shown")
        if outputs is None or keys.result(outputs) != answer.digest:
            return Proposal(answer, "late", f"take {answer.take} of {answer.shot} is another result by now")
        return self._decision(answer, take, keys.result(outputs))

    def _decision(self, answer: Answer, take: Instance, digest: str) -> Proposal:
        block = self.now.lock.block(take.address)
        if answer.kind == "pick":
            return Proposal(answer, "known" if take.take.picked else "new")
        if answer.kind == "approve":
            if not take.options.approve:
                return Proposal(answer, "refused", f"no node waits for an approval of {answer.shot}")
            return Proposal(answer, "known" if digest in block.approved else "new")
        known = {decision.digest for decision in block.rejected}
        return Proposal(answer, "known" if digest in known else "new")

    def _note(self, answer: Answer) -> Proposal:
        if (known := self._notes.get(answer.id)) is not None:
            more = _more_of(known, answer)
            return Proposal(answer, "new" if more != known else "known", MORE if more != known else "")
        takes = [i for i in self.now.graph.instances.values() if i.base == answer.shot]
        if answer.shot and not any(i.take.number == answer.take for i in takes):
            return Proposal(answer, "gone", f"the film has no take {answer.take} of {answer.shot}")
        made = {a.digest for i in takes for a in leaves(self.now.outputs.get(i.address, {}), Artifact)}
        if answer.shot and answer.digest and made and answer.digest not in made:
            return Proposal(answer, "late", "on an earlier result; the note is kept with it")
        return Proposal(answer, "new")

    @cached_property
    def _notes(self) -> dict[str, Note]:
        return {note.id: note for note in read_notes(self.film.file).notes}


def _more_of(known: Note, answer: Answer) -> Note:
    """A note that is there already, with the replies and the end that somebody gave it since."""
    said = {reply.text for reply in known.replies}
    new = [Reply(on_one_line(by), answer.at or time(), text) for by, text in answer.replies]
    replies = *known.replies, *(reply for reply in new if reply.text not in said)
    if answer.done and known.is_open and not known.changed:
        return replace(known, replies=replies, status="done", changed=answer.at or time())
    return replace(known, replies=replies) if len(replies) > len(known.replies) else known


def _with_contradictions(found: Sequence[Proposal]) -> Iterator[Proposal]:
    """Each proposal, marked where somebody else says what cannot hold beside it."""
    decisions = [other for other in found if other.state == "new" and other.answer.kind != "note"]
    for one in found:
        others = [other for other in decisions if _contradict(one.answer, other.answer)]
        if one.state == "new" and others:
            said = "; ".join(dict.fromkeys(f"{o.answer.by} says {o.what}" for o in others))
            yield replace(one, state="contradicts", why=said)
        else:
            yield one


def _contradict(one: Answer, other: Answer) -> bool:
    """Whether only one of two answers about a shot can hold."""
    if one is other or one.shot != other.shot or "note" in (one.kind, other.kind):
        return False
    if one.kind == other.kind == "pick":
        return one.take != other.take
    kinds = {one.kind, other.kind}
    if kinds == {"pick", "reject"}:
        return one.by != other.by and one.digest == other.digest
    return kinds == {"approve", "reject"} and one.digest == other.digest
