"""Which jobs an engine carries out, and which stay in this process."""

from __future__ import annotations

from typing import Final

from callsheet.errors import CallsheetError
from callsheet.nodes.media.operations.index import OPERATIONS
from callsheet.nodes.preview.provider import Preview
from callsheet.nodes.providers import OWN, find_own
from callsheet.spec.describe import describe
from callsheet.spec.media import Artifact
from callsheet.spec.node import Job, NodeSpec, Worker
from callsheet.spec.types import AUDIO, media_in
from callsheet.spec.values import LocalFile, SecretName, leaves

AT_ONCE: Final = ("media/probe", "media/pick", "media/pick_audio", "media/pick_image")
"""Operations that take less time than sending them away."""


def travels(job: Job, maker: Worker) -> bool:
    """Whether a worker that has nothing but the name of the spec and the parameters makes the same of `job`.

    What a plug-in or a text operation does stays here; so does what is quick, what fonts of this machine
    draw, and the preview of a model that only this project describes, or of which a person said what it
    gives.
    """
    spec = job.spec
    if spec.perform is not None or any(leaves(job.params, SecretName)) or any(leaves(job.params, LocalFile)):
        return False
    if any(artifact.kind == "file" for artifact in leaves(job.params, Artifact)):
        return False
    known = _is_operation(spec) if maker.name == "local" else _is_preview(job, maker)
    return known and _is_drawn_the_same(job)


def _is_operation(spec: NodeSpec) -> bool:
    media = spec.uses.startswith("media/") and spec.uses not in AT_ONCE and spec.uses in OPERATIONS
    return media and spec == OPERATIONS[spec.uses].SPEC


def _is_preview(job: Job, maker: Worker) -> bool:
    """Whether it is a preview, with files, of an endpoint of the catalogue of which nothing more is known."""
    spec = job.spec
    if not isinstance(maker, Preview) or spec.provider not in OWN or spec.answer is not None:
        return False
    if not any(any(media_in(t)) for t in spec.outputs.values()):
        return False
    speaks = maker.known.voice and (spec.speech or AUDIO in spec.outputs.values())
    return not speaks and not maker.known.digest(job.address) and _is_in_catalogue(spec)


def _is_in_catalogue(spec: NodeSpec) -> bool:
    try:
        known = find_own(spec.uses)
    except CallsheetError:
        return False
    if known is None or known.provider != spec.provider or known.source != spec.source:
        return False
    return _form(known) == _form(spec)


def _form(spec: NodeSpec) -> object:
    page = describe(spec)
    return page["inputs"], page["outputs"]


def _is_drawn_the_same(job: Job) -> bool:
    """Whether the font that is inside of Pillow has every character: others differ between machines."""
    from callsheet.nodes.media.text.fonts import own

    covers = own().covers
    texts = (job.address, *leaves(job.params, str))
    return all(ord(char) in covers or char.isspace() for char in set("".join(texts)))
