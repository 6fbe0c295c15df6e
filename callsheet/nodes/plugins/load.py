"""Imports the modules of plug-ins; any failure becomes a message."""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, Final, NamedTuple, TypeVar

from callsheet.errors import PlugInError
from callsheet.nodes.plugins.call import within
from callsheet.nodes.plugins.failure import trace, words
from callsheet.nodes.plugins.node import node_spec
from callsheet.spec.node import NodeSpec
from callsheet.spec.regular_file import read_regular
from callsheet.spec.suggest import suggest

LONGEST_IMPORT: Final = 60.0
"""Seconds. A library with a model in it may take half of that when it is first read from the disk."""

T = TypeVar("T")


def imported(what: str, module: str) -> ModuleType:
    """The module called `module`; `what` names the plug-in in messages. Raises PlugInError."""
    return _loaded(what, lambda: import_module(module), root_of(module))


def root_of(module: str) -> Path:
    """The folder, or the one file, of the package of `module`. Imports nothing."""
    try:
        found = find_spec(module.partition(".")[0])
    except (ImportError, ValueError):
        found = None
    places = [*(found.submodule_search_locations or ()), found.origin or ""] if found else []
    return Path(next(iter(places), module))


def executed(what: str, path: Path, source: bytes) -> ModuleType:
    """Run a code file and return its module. source: the content of the file. Raises PlugInError."""
    module = ModuleType(f"callsheet_code_{hashlib.sha256(bytes(path) + source).hexdigest()[:16]}")
    module.__file__ = str(path)

    def execute() -> ModuleType:
        sys.modules[module.__name__] = module
        exec(compile(source, str(path), "exec"), module.__dict__)
        return module

    return _loaded(what, execute, path)


def _loaded(what: str, work: Callable[[], T], root: Path) -> T:
    """Run `work` with a time limit; what it prints goes to standard error. Raises PlugInError."""
    try:
        with contextlib.redirect_stdout(sys.stderr):
            return within(LONGEST_IMPORT, work)
    except TimeoutError:
        message = f"{what} did not finish importing within {LONGEST_IMPORT:g} s"
        raise PlugInError(message, "import it by hand to see where it waits") from None
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        place = next((f" ({line})" for line in trace(error, root)[-2::-1]), "")
        message = f"{what} cannot be imported: {words(error)}{place}"
        raise PlugInError(message, "repair or reinstall it; the message is its own") from error


def function_in(module: ModuleType, name: str, what: str) -> Callable[..., Any]:
    """The function that the module offers as the node `name`. Raises PlugInError."""
    offered = functions(module)
    if name in offered:
        return offered[name]
    if callable(getattr(module, name, None)):
        message = f"`{name}` of {what} is no node: it is private, a class, or from elsewhere"
        raise PlugInError(message, "a node is a public function of the module, or named in its `__all__`")
    raise PlugInError(f"{what} has no node `{name}`", suggest(name, offered, "nodes"))


def functions(module: ModuleType) -> dict[str, Callable[..., Any]]:
    """The nodes of a module: the functions in its `__all__`, or else the public ones that it defines."""
    listed = getattr(module, "__all__", None)
    found = {name: value for name, value in vars(module).items() if inspect.isfunction(value)}
    if listed is not None:
        return {name: value for name, value in found.items() if name in listed}
    return {
        name: value
        for name, value in found.items()
        if not name.startswith("_") and value.__module__ == module.__name__
    }


class CodeVersion(NamedTuple):
    """Digests of code, twelve digits each. plain: whatever its line ends are. crlf: of the bytes themselves,
    where line ends are those of Windows; "" for other code."""

    plain: str = ""
    crlf: str = ""


def code_version(source: bytes) -> CodeVersion:
    """The version of the code in a file."""
    plain = source.replace(b"\r\n", b"\n")
    found = [hashlib.sha256(code).hexdigest()[:12] for code in (plain, source)]
    return CodeVersion(found[0], "" if plain == source else found[1])


def function_version(function: Callable[..., Any]) -> CodeVersion:
    """The version of the file that defines `function`; empty where there is no file."""
    try:
        return code_version(Path(inspect.getsourcefile(function) or "").read_bytes())
    except (OSError, TypeError):
        return CodeVersion()


LARGEST: Final = 1024 * 1024


def find_in_file(uses: str, path: Path, function: str) -> NodeSpec:
    """The node that a function of a code file makes; the file's content is its version. Raises
    PlugInError."""
    what = f"`{uses.partition('#')[0]}`"
    try:
        source = read_regular(path, LARGEST)
    except OSError as error:
        raise PlugInError(f"{what} cannot be read: {error.strerror}") from error
    if len(source) > LARGEST:
        raise PlugInError(f"{what} is larger than 1 MiB", "make a package of it")
    module = executed(what, path, source)
    version = code_version(source)
    found = function_in(module, function, what)
    spec = node_spec(uses, found, version.plain, path, "beside the pipeline")
    return replace(spec, crlf_version=version.crlf)
