"""Joins the modules of a page into one script, so that a page is one file and needs no build step.

The modules are plain JavaScript modules, and they keep to two forms, which is what makes this short:
`import { a, b } from "./other.js";` and `export` before a `const`, `function`, `async function` or `class`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

IMPORT: Final = re.compile(r'^import \{\s*([^}]*?)\s*\} from "\./([\w-]+\.js)";$', re.MULTILINE)
EXPORT: Final = re.compile(r"^export ((?:const|function|async function|class) (\w+))", re.MULTILINE)
OTHER: Final = re.compile(r"^(?:import|export)\b.*$", re.MULTILINE)


def bundle(entry: str, modules: Mapping[str, str]) -> str:
    """One script with the module `entry` and everything that it imports, each once, before it is used.

    modules: name (`dom.js`) → text. Raises ValueError for a module that is not there, a circle, and an
    import or export in another form.
    """
    done: dict[str, str] = {}
    _add(entry, modules, done, ())
    return '"use strict";\nconst modules = {};\n' + "\n".join(done.values()) + "\n"


def as_script(name: str, module: str) -> str:
    """The text of a module that imports nothing, as a script: what it exports is known to the whole page.
    Raises ValueError for an import, and an export in another form."""
    script = EXPORT.sub(r"\1", module)
    strange = OTHER.search(script)
    if strange:
        raise ValueError(f"{name}: this form is not joined: {strange[0]}")
    return script


def _add(name: str, modules: Mapping[str, str], done: dict[str, str], above: tuple[str, ...]) -> None:
    if name in above:
        raise ValueError(f"modules import each other in a circle: {' → '.join((*above, name))}")
    if name in done:
        return
    if name not in modules:
        raise ValueError(f"there is no module {name}, which {above[-1] if above else 'the page'} imports")
    text = modules[name]
    for _, other in IMPORT.findall(text):
        _add(other, modules, done, (*above, name))
    done[name] = _wrapped(name, text)


def _wrapped(name: str, text: str) -> str:
    """The module as a function that is called once and returns what it exports."""
    exported = [found[1] for found in EXPORT.findall(text)]
    body = as_script(name, IMPORT.sub(_constants, text))
    return f'modules["{name}"] = (() => {{\n{body}\nreturn {{ {", ".join(exported)} }};\n}})();'


def _constants(found: re.Match[str]) -> str:
    names = ", ".join(part.strip().replace(" as ", ": ") for part in found[1].split(",") if part.strip())
    return f'const {{ {names} }} = modules["{found[2]}"];'
