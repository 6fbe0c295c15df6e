"""docs/nodes.md: every local operation, from its own declaration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, Protocol

from pages._parts import leads_on

from callsheet.nodes.media.operations.index import OPERATIONS
from callsheet.nodes.text import chat
from callsheet.spec.node import NodeSpec
from callsheet.spec.types import NOTHING, Choice, Field, Type

PAGE: Final = "docs/nodes.md"
NEXT: Final = leads_on(
    ("Picture", "picture.md", "transitions, colour, crop and time, with pictures"),
    ("Text and subtitles", "text.md", "titles, logos and subtitles"),
    ("Plug-ins", "plugins.md", "an operation of your own"),
)
HEAD = """\
# Local operations and text nodes

The operations that `uses: media/…` and `uses: text/…` can name. All but `text/chat` run on this machine, cost
nothing and need no network. This page is made from the declarations that also check your pipeline.

- Input media are results of earlier nodes, or files beside the pipeline. The type of a file is read from its
  first bytes, not from its name.
- Videos are H.264 in MP4 (`yuv420p`, BT.709, ready for streaming, even sizes) with AAC sound at 48 kHz in
  stereo. Images are PNG, sounds are WAV. The same inputs give the same bytes; for 8-bit 4:2:0 video in BT.709
  and for images this is so on every processor.
- Rotation flags and EXIF rotation are applied, pixels are made square, variable frame rates become the
  standard rate that holds them. HDR (PQ, HLG) is mapped to an ordinary screen, what is transparent is
  black, images of 16 bits and those with an ICC profile become 8-bit sRGB. Colours that are not understood
  are refused.
- What is joined keeps its pictures as they are, packet by packet, where all videos agree in codec, size,
  colours and rate, begin at 0, and have even gaps and no rotation. Else each video is encoded once into the
  form of the film and kept as a part: after a change, one video is encoded again. Sound is always encoded
  once, for the whole.
- Places in a film are rounded to its frames one by one, from the exact time, so errors do not add up.
- Loudness is measured and reached by EBU R128, in the finished file. Peaks are true peaks, those between two
  samples included. A track that steps back for another one is there before that one begins.
- `media/fit` and `media/fit_image` are two operations, like the other pairs with `_image` and `_audio`,
  because the type of an output must be known before the run.
- `text/chat` calls a language model, through fal (`FAL_KEY`) or, with `provider: huggingface`, through
  Hugging Face (`HF_TOKEN`). [The language](language.md#what-a-language-model-answers) explains `schema` and
  wrong answers.
- Limits: 8192 x 8192 pixels and six hours for a video, 100 megapixels for an image.
"""


class Documented(Protocol):
    """What a section is made from: a local operation, or `text/chat`."""

    @property
    def SPEC(self) -> NodeSpec: ...
    @property
    def DOC(self) -> Mapping[str, str]: ...
    @property
    def EXAMPLE(self) -> Mapping[str, str]: ...


NODES: Final[Mapping[str, Documented]] = {**OPERATIONS, chat.USES: chat}


def files() -> Mapping[str, str]:
    """The page, by its path."""
    return {PAGE: _page()}


def _page() -> str:
    names = sorted(NODES)
    toc = "\n".join(f"- [`{uses}`](#{_anchor(uses)}): {NODES[uses].SPEC.summary}" for uses in names)
    return "\n".join([HEAD, toc, *(_section(NODES[uses]) for uses in names), "\n" + NEXT])


def _anchor(uses: str) -> str:
    return uses.replace("/", "")


def _section(operation: Documented) -> str:
    spec, doc = operation.SPEC, operation.DOC
    inputs = [_row(name, field, doc[name]) for name, field in spec.inputs.items()]
    outputs = [f"| `{name}` | {_type(t)} | {doc[name]} |" for name, t in spec.outputs.items()]
    parts = [
        f"\n## {spec.uses}\n",
        f"{spec.summary}\n",
        "```yaml",
        f"{spec.uses.rpartition('/')[2]}_node:",
        f"  uses: {spec.uses}",
        "  with:",
        *(f"    {name}: {value}".replace(": \n", ":\n") for name, value in operation.EXAMPLE.items()),
        "```\n",
        "| parameter | type | default | |",
        "|---|---|---|---|",
        *inputs,
        "\n| output | type | |",
        "|---|---|---|",
        *outputs,
    ]
    return "\n".join(parts) + "\n"


def _row(name: str, field: Field, doc: str) -> str:
    return f"| `{name}` | {_type(field.type)}{_limits(field)} | {_default(field)} | {doc} |"


def _type(t: Type) -> str:
    if isinstance(t, Choice):
        return " \\| ".join(f"`{value}`" for value in t.values)
    return str(t).replace("|", "\\|")


def _limits(field: Field) -> str:
    return "".join(f", {limit}" for limit in _limits_of(field))


def _limits_of(field: Field) -> Iterator[str]:
    if field.minimum is not None and field.maximum is not None:
        yield f"{_number(field.minimum)} to {_number(field.maximum)}"
    elif field.minimum is not None:
        yield f"at least {_number(field.minimum)}"
    if field.min_items is not None:
        yield f"at least {field.min_items} of them"
    if field.max_items is not None:
        yield f"at most {field.max_items}"
    if field.max_length is not None:
        yield f"at most {field.max_length} characters"


def _number(bound: float) -> str:
    return f"{bound:,.0f}" if bound >= 1e6 else f"{bound:g}"


def _default(field: Field) -> str:
    if field.required:
        return "required"
    if field.default is NOTHING:
        return ""
    return f"`{str(field.default).lower()}`"
