"""Reads and checks `callsheet.toml`. What it says is as little trusted as a pipeline."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from callsheet._version import __version__
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Source
from callsheet.dsl.graph import NodeDefaults
from callsheet.dsl.resolve.recipe_files import GIT
from callsheet.dsl.syntax.node_parser import MOST_ATTEMPTS, MOST_TAKES
from callsheet.dsl.values.media_files import is_hidden, is_outside
from callsheet.errors import PipelineError
from callsheet.runtime.settings.model import Limits, Preset, Profile, Settings
from callsheet.runtime.settings.places import KeyPath, Places, place_of
from callsheet.spec.money import MOST
from callsheet.spec.project import SETTINGS, project_root
from callsheet.spec.regular_file import read_regular
from callsheet.spec.requirement import fits, requirement_in
from callsheet.spec.rules import settings as rules

LARGEST: Final = 256 * 1024
MOST_REQUESTS: Final = 10_000
TOP: Final = (
    "requires", "store", "concurrency", "films", "inputs", "recipes", "budget", "defaults", "profiles",
)  # fmt: skip
BUDGET: Final = ("run", "month")
NODE: Final = ("takes", "retry", "approve")
PROFILE: Final = ("inputs", "set", "models")
NAMED: Final = {"profiles": "[profiles.draft]", "recipes": 'house = "house"'}
SOURCE: Final = re.compile(r"git\+[^#\s]+@[^@#\s]+")
"""A repository in git at a ref. Whether it can be used is said where a film uses it."""
NAME: Final = re.compile(r"(?!inputs\b)[a-z][a-z0-9_-]{0,39}")
"""Of a profile. Sections of the lock file for other inputs begin with `inputs-`."""


def settings_of(pipeline: Path) -> Settings:
    """The settings of the project that the file `pipeline` is in. Raises PipelineError."""
    return settings_in(project_root(pipeline.parent))


def settings_in(root: Path) -> Settings:
    """The settings of the project in the folder `root`. Raises PipelineError with every mistake in them."""
    path = root / SETTINGS
    try:
        if path.is_symlink() and is_outside(path, root):
            raise _refused(Source(path, ""), "it is a link to a place outside the project")
        content = read_regular(path, LARGEST)
    except FileNotFoundError:
        return Settings(root)
    except OSError as error:
        raise _refused(Source(path, ""), error.strerror or str(error)) from error
    if len(content) > LARGEST:
        raise _refused(Source(path, ""), "it is larger than 256 kB")
    if not content.strip():
        return Settings(root)
    try:
        source = Source(path, content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _refused(Source(path, ""), "it is not UTF-8") from error
    return _read(source, root, hashlib.sha256(content).hexdigest())


def _refused(source: Source, why: str) -> PipelineError:
    report = Report()
    report.add(Places(source).of(()), rules.not_read(why))
    return PipelineError(report.sorted())


def _read(source: Source, root: Path, digest: str) -> Settings:
    import tomllib

    report = Report()
    try:
        data = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        report.add(place_of(source, error), rules.not_toml(str(error)))
        raise PipelineError(report.sorted()) from error
    except (RecursionError, ValueError) as error:
        raise _refused(source, "a value in it is too large or nested too deeply") from error
    settings = _Reader(Places(source), root, report).settings(data, digest)
    if report.failed:
        raise PipelineError(report.sorted())
    return settings


class _Reader:
    """Turns the values of a TOML text into settings; what is wrong goes to `report`."""

    def __init__(self, places: Places, root: Path, report: Report) -> None:
        self.places, self.root, self.report = places, root, report

    def settings(self, data: Mapping[str, Any], digest: str) -> Settings:
        """Everything that the text says."""
        self._known(data, (), TOP)
        self._requires(data)
        return Settings(
            root=self.root,
            path=self.places.source.path,
            digest=digest,
            store=self._store(data),
            store_span=self.places.of(("store",)),
            budget=self._limits(data),
            concurrency=self._number(data, ("concurrency",), MOST_REQUESTS),
            films=self._files(data, ("films",), 'films = ["films"]'),
            inputs=self._files(data, ("inputs",)),
            recipes={
                name: self._source(name, data["recipes"])
                for name in self._table(data, ("recipes",))
                if self._is_name(name, "recipes")
            },
            defaults={
                name: self._node(name, given) for name, given in self._table(data, ("defaults",)).items()
            },
            defaults_at={
                name: self.places.of(("defaults", name)) for name in self._table(data, ("defaults",))
            },
            profiles={
                name: self._profile(name, data["profiles"][name])
                for name in self._table(data, ("profiles",))
                if self._is_name(name, "profiles")
            },
        )

    def _store(self, data: Mapping[str, Any]) -> str:
        """The shared store: what lies in the project is a folder of its own, and is not hidden."""
        path, example = ("store",), 'store = "team/store"'
        place: str = self._value(data, path, _text, "a folder or a URL", example, "")
        if place and "://" not in place and self._is_own(self.root / place):
            self.report.add(self.places.of(path), rules.no_store(place))
        return place

    def _is_own(self, folder: Path) -> bool:
        """Whether a folder is the project itself, or hidden in it."""
        if is_outside(folder, self.root):
            return False
        return folder.resolve() == self.root.resolve() or is_hidden(folder, self.root)

    def _source(self, name: str, table: Mapping[str, Any]) -> str:
        """Where recipes are: a folder of the project, or a repository in git at a ref."""
        path, example = ("recipes", name), f'{name} = "git+https://example.org/studio/looks@v2"'
        wanted = "a folder of the project, or a repository in git at a branch, a tag or a commit"
        place: str = self._value(table, path, _text, wanted, example, "")
        if place.startswith(GIT) and not SOURCE.fullmatch(place):
            self.report.add(self.places.of(path), rules.wrong_value(name, wanted, example))
        elif place and not place.startswith(GIT):
            self._files(table, path)
        return place

    def _requires(self, data: Mapping[str, Any]) -> None:
        wanted = self._value(
            data, ("requires",), requirement_in, "versions of callsheet", 'requires = ">=0.1, <2"', ""
        )
        if wanted and not fits(__version__, wanted):
            self.report.add(self.places.of(("requires",)), rules.other_version(wanted, __version__))

    def _limits(self, data: Mapping[str, Any]) -> Limits:
        table = self._table(data, ("budget",))
        self._known(table, ("budget",), BUDGET)
        found = {
            name: self._value(table, ("budget", name), _usd, "an amount in USD", f"{name} = 20.00", None)
            for name in BUDGET
        }
        return Limits(**found)

    def _node(self, name: str, given: object) -> NodeDefaults:
        """What holds for the nodes of an endpoint or task."""
        path = "defaults", name
        table = self._table({name: given}, path)
        self._known(table, path, NODE)
        takes = self._number(table, (*path, "takes"), MOST_TAKES)
        retry = self._number(table, (*path, "retry"), MOST_ATTEMPTS)
        approve = self._value(table, (*path, "approve"), _yes_or_no, "true or false", "approve = true", None)
        return NodeDefaults(takes, retry, approve)

    def _is_name(self, name: str, table: str) -> bool:
        if NAME.fullmatch(name):
            return True
        wanted = "a name of at most 40 small letters, digits, `-` and `_`; it begins with a letter"
        wanted += ", but not with the word `inputs`" if name.startswith("inputs") else ""
        self.report.add(self.places.of((table, name)), rules.wrong_value(name, wanted, NAMED[table]))
        return False

    def _profile(self, name: str, given: object) -> Profile:
        path = "profiles", name
        table = self._table({name: given}, path)
        self._known(table, path, PROFILE)
        sets = {}
        for key in self._table(table, (*path, "set")):
            place = (*path, "set", key)
            wanted = "a text, a number, true or false"
            text = self._value(table["set"], place, _set, wanted, f'{key} = "final"', "")
            sets[key] = Preset(text, self.places.of(place))
        models = {}
        for old in self._table(table, (*path, "models")):
            example = '"fal-ai/veo3" = "fal-ai/veo3/fast"'
            place = (*path, "models", old)
            new = self._value(table["models"], place, _text, "the name of a model", example, old)
            models[old] = Preset(new, self.places.of(place))
        return Profile(name, self._files(table, (*path, "inputs")), sets, models)

    def _files(
        self, table: Mapping[str, Any], path: KeyPath, example: str = 'inputs = "cast.yaml"'
    ) -> tuple[Path, ...]:
        """Files or folders that the project names, from the root."""
        names = self._value(table, path, _names, "a path, or a list of paths", example, ())
        found = []
        for name in names:
            file = self.root / name
            try:
                hidden = is_outside(file, self.root) or is_hidden(file, self.root)
            except (OSError, ValueError):
                hidden = True
            if hidden:
                self.report.add(self.places.of(path), rules.outside(name))
            found.append(file)
        return tuple(found)

    def _table(self, parent: Mapping[str, Any], path: KeyPath) -> Mapping[str, Any]:
        example = f"[{'.'.join(path)}]"
        found: Mapping[str, Any] = self._value(parent, path, _mapping, "a table", example, {})
        return found

    def _number(self, table: Mapping[str, Any], path: KeyPath, most: int) -> int | None:
        """A whole number from 1 to `most`; None where there is none."""

        def take(value: object) -> int | None:
            if isinstance(value, bool) or not isinstance(value, int):
                return None
            return value if 1 <= value <= most else None

        found: int | None = self._value(
            table, path, take, f"a whole number from 1 to {most:,}", f"{path[-1]} = 2", None
        )
        return found

    def _known(self, table: Mapping[str, Any], path: KeyPath, allowed: tuple[str, ...]) -> None:
        for key in table:
            if key not in allowed:
                self.report.add(self.places.of((*path, key)), rules.unknown_key(key, allowed))

    def _value(
        self,
        table: Mapping[str, Any],
        path: KeyPath,
        take: Callable[[object], object],
        wanted: str,
        example: str,
        default: Any,
    ) -> Any:
        """The value at the last name of `path`, as `take` has it; `default` where it is missing or wrong."""
        if path[-1] not in table:
            return default
        found = take(table[path[-1]])
        if found is None:
            self.report.add(self.places.of(path), rules.wrong_value(path[-1], wanted, example))
            return default
        return found


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() and value.isprintable() else None


def _mapping(value: object) -> Mapping[str, Any] | None:
    return value if isinstance(value, dict) else None


def _yes_or_no(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _usd(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST:
        return None
    return float(value)


def _set(value: object) -> str | None:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return value
        case int():
            return str(value)
        case float() if math.isfinite(value):
            return str(value)
    return None


def _names(value: object) -> tuple[str, ...] | None:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(_text(name) for name in names):
        return None
    return tuple(names)
