"""What reaches the terminal: the one place where text is made harmless, and where colours are added.

Names, prompts, messages and file contents come from files and providers. A control character in them could
clear the screen, hide a line or turn the order of what follows. `install` puts a stream over standard output
and standard error which writes every such character as `\\u001b`, so that JSON stays JSON. Colours of ours
carry a token of this process and pass.

Output is UTF-8 on every system: a file or a pipe on Windows would have the letters of one country otherwise,
and a run would end at the first other letter.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final, TextIO

from callsheet.spec.harmless import HARMFUL, harmless

if TYPE_CHECKING:
    from rich.console import Console

TOKEN: Final = os.urandom(8).hex()
OURS: Final = re.compile(rf"\x1b{TOKEN}\[([0-9;]*)m")
CODES: Final = {
    "bold": 1,
    "dim": 2,
    "red": 31,
    "green": 32,
    "yellow": 33,
    "blue": 34,
    "magenta": 35,
    "cyan": 36,
}


def style(text: str, *styles: str | None) -> str:
    """`text` in these styles (`bold`, `dim`, or a colour); None stands for no style."""
    codes = ";".join(str(CODES[name]) for name in styles if name)
    token = TOKEN if isinstance(sys.stdout, SafeStream) else ""
    return f"\x1b{token}[{codes}m{text}\x1b{token}[0m" if codes else text


def coloured(stream: TextIO) -> bool:
    """Whether to write colours: to a terminal that has them, unless `NO_COLOR` is set (no-color.org)."""
    return stream.isatty() and os.environ.get("TERM") != "dumb" and not os.environ.get("NO_COLOR")


def paint_on(stream: TextIO) -> Callable[..., str]:
    """`style` where `stream` shows colours; elsewhere what leaves a text as it is."""
    return style if coloured(stream) else lambda text, *_: text


def tell_progress(text: str, over: bool) -> None:
    """Where a person looks at standard error: `text` on a line that the next call writes anew. over: it is
    the last."""
    if sys.stderr.isatty():
        stream = sys.stderr.stream if isinstance(sys.stderr, SafeStream) else sys.stderr
        stream.write(f"\r{harmless(text)}" + ("\n" if over else ""))
        stream.flush()


class SafeStream(io.TextIOBase):
    """A text stream that writes to another one, with control characters made harmless."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str | bytes) -> int:
        """bytes: in UTF-8, as the shell completion of click writes them."""
        if isinstance(text, bytes):
            text = text.decode("utf-8", "replace")
        parts = OURS.split(text)
        for at in range(0, len(parts), 2):
            parts[at] = harmless(parts[at])
        for at in range(1, len(parts), 2):
            parts[at] = f"\x1b[{parts[at]}m"
        self.stream.write("".join(parts))
        return len(text)

    def writelines(self, lines: Iterable[Any]) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Python calls it once more when this stream is thrown away; the other one may be closed by then."""
        if not self.stream.closed:
            self.stream.flush()

    def isatty(self) -> bool:
        return self.stream.isatty()

    def fileno(self) -> int:
        return self.stream.fileno()

    def writable(self) -> bool:
        return True

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self.stream.encoding

    @property
    def errors(self) -> str | None:  # type: ignore[override]
        return self.stream.errors


@contextlib.contextmanager
def safe_output() -> Iterator[None]:
    """Standard output and standard error are `SafeStream`s as long as this lasts."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = map(_safe, before)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def _safe(stream: TextIO) -> SafeStream:
    if isinstance(stream, SafeStream):
        return stream
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    return SafeStream(stream)


def console(**options: Any) -> Console:
    """A rich console on standard output; its own control sequences pass, those in the text do not."""
    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.segment import Segment

    class SafeConsole(Console):
        def render(
            self, renderable: RenderableType, options: ConsoleOptions | None = None
        ) -> Iterable[Segment]:
            for segment in super().render(renderable, options):
                safe = segment.control or not HARMFUL.search(segment.text)
                yield segment if safe else Segment(harmless(segment.text), segment.style)

    stream = sys.stdout
    return SafeConsole(file=stream.stream if isinstance(stream, SafeStream) else stream, **options)
