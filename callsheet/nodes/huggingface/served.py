"""How the providers behind Hugging Face's router take a task, apart from fal.

    novita        POST /novita/v3/hf/{model}                      the reply has the video
    replicate     POST /replicate/v1/models/{model}/predictions   a job; `Prefer: wait` may bring the result
    together      POST /together/v2/videos                        a job
                  POST /together/v1/images/generations            the reply has the picture
    wavespeed     POST /wavespeed/api/v3/{model}                  a job
    hf-inference  POST /hf-inference/models/{model}               the reply is the medium itself

Shapes: huggingface_hub 2.4 (2026), and the page of the task. What a job's reply says of its own address is
not used: it lies at the provider's host, and only the router takes our token.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

Values = Mapping[str, Any]
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """How one provider takes one task.

    path: of the POST; `{model}` in it is the provider's name of the model. body: our values and that name →
    what is sent. output: where the medium is in the reply, or in that of the job. job: where the job's id is,
    () where the reply is the result. state: where the job's state is. poll: the path that tells about the
    job. error: where its error is. headers: further ones of the POST.
    """

    path: str
    body: Callable[[Values, str], dict[str, Any]]
    output: Path = ()
    job: Path = ()
    state: Path = ()
    poll: str = ""
    error: Path = ("error",)
    headers: Mapping[str, str] = field(default_factory=dict)


def _flat(values: Values) -> dict[str, Any]:
    """The values with the size as width and height, which fal alone takes as one."""
    size = values.get("image_size")
    rest = {name: value for name, value in values.items() if name != "image_size"}
    return {**rest, **size} if isinstance(size, Mapping) else dict(values)


def _renamed(values: Values, names: Mapping[str, str]) -> dict[str, Any]:
    return {names.get(name, name): value for name, value in _flat(values).items()}


def _replicate(values: Values, model: str) -> dict[str, Any]:
    _, _, version = model.partition(":")
    return {"input": _flat(values), **({"version": version} if version else {})}


STEPS: Final = {"num_inference_steps": "steps"}


def _together(values: Values, model: str) -> dict[str, Any]:
    named = _renamed(values, STEPS)
    image = named.pop("image_url", None)
    frames = {} if image is None else {"frame_images": [{"input_image": image, "frame": "first"}]}
    return {"model": model, **named, **frames}


def _together_image(values: Values, model: str) -> dict[str, Any]:
    named = _renamed(values, {**STEPS, "guidance_scale": "guidance"})
    return {"model": model, "response_format": "base64", **named}


def _wavespeed(values: Values, _: str) -> dict[str, Any]:
    return _renamed(values, {"image_url": "image"})


def _inference(values: Values, _: str) -> dict[str, Any]:
    named = _flat(values)
    source = named.pop("image_url", None)
    inputs = named.pop("prompt", "") if source is None else source
    return {"inputs": inputs, "parameters": named}


REPLICATE: Final = Form(
    "/v1/models/{model}/predictions",
    _replicate,
    output=("output",),
    job=("id",),
    state=("status",),
    poll="/v1/predictions/{id}",
    headers={"Prefer": "wait"},
)
TOGETHER: Final = Form(
    "/v2/videos",
    _together,
    output=("outputs", "video_url"),
    job=("id",),
    state=("status",),
    poll="/v2/videos/{id}",
    error=("error", "message"),
)
WAVESPEED: Final = Form(
    "/api/v3/{model}",
    _wavespeed,
    output=("data", "outputs"),
    job=("data", "id"),
    state=("data", "status"),
    poll="/api/v3/predictions/{id}/result",
    error=("data", "error"),
)
BYTES: Final = Form("/models/{model}", _inference)

FORMS: Final[Mapping[str, Mapping[str, Form]]] = {
    "novita": {
        "text-to-video": Form(
            "/v3/hf/{model}", lambda values, _: _flat(values), output=("video", "video_url")
        )
    },
    "replicate": {"text-to-video": REPLICATE, "text-to-image": REPLICATE},
    "together": {
        "text-to-video": TOGETHER,
        "image-to-video": TOGETHER,
        "text-to-image": Form("/v1/images/generations", _together_image, output=("data", "0", "b64_json")),
    },
    "wavespeed": {"text-to-video": WAVESPEED, "image-to-video": WAVESPEED, "text-to-image": WAVESPEED},
    "hf-inference": {"text-to-image": BYTES, "text-to-video": BYTES, "image-to-video": BYTES},
}
"""Provider → task → how the provider takes it."""


def path_of(provider: str, form: Form, model: str) -> str:
    """The path of the POST at the router, with the provider's name before it."""
    name, _, version = model.partition(":")
    path = "/v1/predictions" if provider == "replicate" and version else form.path.format(model=name)
    return f"/{provider}{path}"


def at(body: object, path: Path) -> object:
    """What lies at a path in a JSON value, None where there is nothing."""
    for step in path:
        if isinstance(body, Mapping):
            body = body.get(step)
        elif isinstance(body, list) and step.isdecimal() and int(step) < len(body):
            body = body[int(step)]
        else:
            return None
    return body
