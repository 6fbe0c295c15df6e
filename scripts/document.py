"""Write the pages of docs/ that are made from the code; each module of scripts/pages/ makes one.

python scripts/document.py              # write all of them
python scripts/document.py events       # only this one
python scripts/document.py --check      # write nothing; exit 1 and name the files that are out of date
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parent
PAGES: Final = tuple(sorted(path.stem for path in (HERE / "pages").glob("[!_]*.py")))


def outdated(names: Sequence[str] = PAGES) -> Iterator[tuple[Path, str]]:
    """Each file that is not what the code says, with the text that belongs into it."""
    sys.path.insert(0, str(HERE))
    for name in names:
        for file, text in import_module(f"pages.{name}").files().items():
            path = ROOT / file
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                yield path, text


def main(arguments: Sequence[str]) -> int:
    names = [word for word in arguments if word != "--check"] or PAGES
    if unknown := set(names) - set(PAGES):
        print(f"no page is called {', '.join(sorted(unknown))}; there are {', '.join(PAGES)}")
        return 2
    found = list(outdated(names))
    for path, text in found:
        print(f"{path.relative_to(ROOT)} {'is out of date' if '--check' in arguments else 'written'}")
        if "--check" not in arguments:
            path.write_text(text, encoding="utf-8", newline="\n")
    if "--check" in arguments and found:
        print("run: python scripts/document.py")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
