"""text/chat: a language model's answer, as text or in fields that the node declares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Final

from callsheet.nodes.catalogue import catalogue
from callsheet.spec.media import Facts
from callsheet.spec.node import Declared, Declares, NodeSpec, Parameters, Rule
from callsheet.spec.price.price import Price
from callsheet.spec.price.read import price_from
from callsheet.spec.types import (
    IMAGE,
    INTEGER,
    JSON,
    NOTHING,
    NUMBER,
    STRING,
    Field,
    ListOf,
    Maybe,
    Record,
    Type,
)

USES: Final = "text/chat"
MODELS: Final[Mapping[str, str]] = {"fal": "google/gemini-2.5-flash", "huggingface": "openai/gpt-oss-120b"}
"""Provider → the model that is asked when a node names none. The first provider is the default."""
INPUTS: Final[Mapping[str, Field]] = {
    "prompt": Field(STRING, required=True),
    "system": Field(STRING),
    "model": Field(STRING),
    "schema": Field(JSON),
    "images": Field(ListOf(IMAGE), max_items=16),
    "temperature": Field(NUMBER, minimum=0, maximum=2),
    "max_tokens": Field(INTEGER, minimum=1, maximum=1_000_000),
}
SEED: Final = {"seed": Field(INTEGER, minimum=0, maximum=2**31 - 1)}
"""fal's language models have no `seed`."""
TEXT: Final[Mapping[str, Type]] = {"text": STRING}
PER_TOKEN: Final = Price("1k_characters", (), note="per token, by the model")
ROUTER: Final = "openrouter/router"
"""The endpoint of fal that answers."""
READ: Final = ("prompt", "system", "images")
"""What the model reads, and is billed by the token."""

DOC: Final = {
    "prompt": "What is asked for.",
    "system": "Who the model is and how it answers.",
    "model": f"Any of OpenRouter's through fal (`{MODELS['fal']}` when left out), a chat model of the "
    f"Inference Providers through Hugging Face (`{MODELS['huggingface']}`).",
    "schema": "The fields of the answer, declared as those of an input. They become the outputs of the node.",
    "images": "What the model is to look at; through Hugging Face name a `model` that sees.",
    "temperature": "How far answers stray. The model's own when left out.",
    "max_tokens": "How long the answer may be; one that is cut off counts as wrong.",
    "seed": "Only with `provider: huggingface`.",
    "text": "The answer, when there is no `schema`.",
}
EXAMPLE: Final = {
    "prompt": "Five shots of a lighthouse keeper's night",
    "schema": "{title: string, shots: {type: list, items: {id: string, prompt: string}, maximum: 5}}",
}


@cache
def price_through_fal() -> Price:
    """What an answer costs, by the model that is asked; unknown for models that are not listed."""
    rule = (catalogue.record(ROUTER) or {}).get("price")
    if rule is None:
        return PER_TOKEN
    extras = [{**extra, "of": name} for extra in rule["plus"] for name in READ]
    return price_from({**rule, "plus": extras}, {"model": MODELS["fal"]})


def _facts(_: Parameters) -> Mapping[str, Facts]:
    return {}


def _spec(declared: Declared) -> NodeSpec:
    """The spec of one node."""
    through_fal = declared.provider == "fal"
    return replace(
        SPEC,
        provider=declared.provider,
        inputs=INPUTS if through_fal else {**INPUTS, **SEED},
        outputs=_outputs(declared.fields) if declared.fields else TEXT,
        rules=() if through_fal else (NAMES_A_MODEL,),
        price=price_through_fal() if through_fal else PER_TOKEN,
        answer=declared.fields,
    )


def _outputs(fields: Record) -> dict[str, Type]:
    """The outputs of the node. A field that is neither required nor has a default may be absent."""
    return {
        n: f.type if f.required or f.default is not NOTHING else Maybe(f.type)
        for n, f in fields.fields.items()
    }


NAMES_A_MODEL: Final = Rule(
    ("images",),
    "the usual model does not see images",
    "name a `model` that does, such as `Qwen/Qwen2.5-VL-72B-Instruct`",
    lambda params: bool(params.get("images")) and "model" not in params,
)
SPEC: Final = NodeSpec(
    uses=USES,
    provider="fal",
    task="text",
    inputs={**INPUTS, **SEED},
    outputs=TEXT,
    facts=_facts,
    price=PER_TOKEN,
    length="",
    summary="A language model's answer: text, or the fields that `schema` declares.",
    source="fal's openrouter/router and Hugging Face's chat completions",
    roles={"images": "reference"},
    declares=Declares("schema", tuple(MODELS), _spec),
)
