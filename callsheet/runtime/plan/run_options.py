"""The options of a run: what is made, where it goes, and what it may cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from callsheet.errors import InputError
from callsheet.spec.looks import Slate, Voice

if TYPE_CHECKING:
    from callsheet.runtime.ledger import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """How a run is made: the options that are not kept for `resume`, which takes them anew.

    preview: make placeholder media on this machine instead of calling models. slate: where a preview tells
    its story: in a `band` below the picture, `over` its lowest part, or nowhere (`off`). voice: how a preview
    speaks: with a `tone`, or by the program `espeak`. size: pixels that the shorter side of its pictures has
    at most, 0 for the models' own sizes. concurrency: instances in progress at a provider at once, None for
    what the project says, or 64. on: the engine that makes what is made on machines of one's own, as `--on`
    names it. wait: wait for the end of another run of this film, or of a command that needs the project
    alone; otherwise that is an error. store: the folder or URL of a shared store, "" for none. webhook: the
    URL that providers call when a request is over, "" for none. pay_again: buy results that the lock file or
    the shared store names, and that are found nowhere. resumes: the run that this one goes on from; what it
    spent counts for the budget.

    Raises InputError for a slate or a voice that does not exist, and for a slate, a voice or a size in a run
    that is no preview.
    """

    preview: bool = False
    slate: Slate = "band"
    voice: Voice = "tone"
    size: int = 0
    concurrency: int | None = None
    on: str = ""
    wait: bool = False
    store: str = ""
    webhook: str = ""
    pay_again: bool = False
    resumes: Run | None = None

    def __post_init__(self) -> None:
        if not self.preview and (self.slate, self.voice, self.size) != ("band", "tone", 0):
            raise InputError(
                "--slate, --voice and --size are about previews", "add --preview, or leave them out"
            )
        _require_one_of("--slate", self.slate, get_args(Slate))
        _require_one_of("--voice", self.voice, get_args(Voice))


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions(RunSettings):
    """All options of a run.

    only: addresses or node names; they and what they need are made, nothing else. out: the folder of the
    results. budget: USD that may be spent, None for the limit that the file sets. unpriced: USD that each
    call without a known price counts as under a budget, None where no such call is allowed. grace: seconds
    that running jobs get to end after Ctrl-C. record: the run's request as JSON, which the ledger keeps for
    `resume`. without: nothing is run, and results count that were made without what is not there
    (`missing: skip`). place: the folder or URL where the engine `on` finds media, "" for the project's own
    folder.
    """

    only: Sequence[str] = ()
    out: Path = Path("out")
    budget: float | None = None
    unpriced: float | None = None
    grace: float = 5.0
    record: str = ""
    without: bool = False
    place: str = ""


def _require_one_of(option: str, given: str, known: Sequence[str]) -> None:
    if given not in known:
        raise InputError(f"there is no {option} {given}", f"choose one of {', '.join(known)}")
