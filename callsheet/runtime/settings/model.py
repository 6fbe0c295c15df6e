"""The settings of a project, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from callsheet.dsl.diagnostics.source import Span
from callsheet.dsl.graph import NodeDefaults
from callsheet.errors import InputError
from callsheet.spec.project import SETTINGS
from callsheet.spec.suggest import suggest


@dataclass(frozen=True, slots=True)
class Limits:
    """What a project may cost at most, in USD; None for no limit. They only lower what a person gives, and
    are never a yes. run: of one run and those that go on from it. month: of all runs of a calendar month."""

    run: float | None = None
    month: float | None = None


@dataclass(frozen=True, slots=True)
class Preset:
    """A text, and where it is written: the value of an input as `--set` takes it, or the name of a model."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Profile:
    """Named settings of a run. inputs: files of input values, later ones win. sets: input name → value, which
    wins over files. models: endpoint → the endpoint that is used instead."""

    name: str = ""
    inputs: tuple[Path, ...] = ()
    sets: Mapping[str, Preset] = field(default_factory=dict)
    models: Mapping[str, Preset] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settings:
    """What a project says. Without `callsheet.toml` everything has its default.

    root: the folder of the project. path: of the file, None where there is none. digest: sha256 of its bytes.
    store: the place of the shared store as it is written, "" for none; store_span: where. concurrency:
    pending requests at each provider, None for the usual number. films: folders of pipelines. inputs: files
    of input values, which may hold more than one film needs. recipes: short name → a folder of the project
    with recipes, or a repository in git at a ref. defaults: endpoint or task → what holds for its
    nodes; defaults_at: where that is written.
    """

    root: Path
    path: Path | None = None
    digest: str = ""
    store: str = ""
    store_span: Span | None = None
    budget: Limits = Limits()
    concurrency: int | None = None
    films: tuple[Path, ...] = ()
    inputs: tuple[Path, ...] = ()
    recipes: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, NodeDefaults] = field(default_factory=dict)
    defaults_at: Mapping[str, Span] = field(default_factory=dict)
    profiles: Mapping[str, Profile] = field(default_factory=dict)

    def profile(self, name: str) -> Profile:
        """The profile called `name`; an empty one for "". Raises InputError where there is none."""
        if not name:
            return Profile()
        if name not in self.profiles:
            step = suggest(name, self.profiles) or f"write [profiles.{name}] into {self.root / SETTINGS}"
            raise InputError(f"there is no profile {name}", step)
        return self.profiles[name]
