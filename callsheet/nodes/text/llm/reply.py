"""From a language model's answer to the outputs of its node, or to why there are none."""

from __future__ import annotations

import json
from typing import Final

from callsheet.nodes.queue.failure import printable
from callsheet.nodes.queue.protocol import ModelFailed
from callsheet.nodes.text.llm.answer import AnswerError, fields_of, text_of
from callsheet.nodes.text.llm.json_schema import json_schema
from callsheet.spec.node import NodeSpec
from callsheet.spec.types import Record

RULE: Final = (
    "Answer with one JSON object and nothing else: no words before or after it. It fits this JSON Schema:"
)


def system_text(system: object, fields: Record | None) -> str:
    """The system message: the pipeline's own, then the rule for the form of the answer; "" for neither."""
    own = system.strip() if isinstance(system, str) else ""
    form = f"{RULE}\n{json.dumps(json_schema(fields), ensure_ascii=False)}" if fields else ""
    return "\n\n".join(part for part in (own, form) if part)


SHOWN: Final = 120
"""Characters of a wrong answer that a message shows."""
AGAIN: Final = "raise its `retry`, say in the prompt what is wanted, or take another model"


def outputs(spec: NodeSpec, answer: object, request_id: str) -> dict[str, object]:
    """The outputs of a `text/chat`. Raises ModelFailed, with the beginning of what came, for an answer that
    is not as asked for: that is the model's own fault."""
    text = _said(answer) if isinstance(answer, str) else ""
    try:
        return {"text": text_of(text)} if spec.answer is None else fields_of(text, spec.answer)
    except AnswerError as flaw:
        came = printable(text[: 4 * SHOWN])
        began = f": {came[:SHOWN]}{'…' if len(text.strip()) > SHOWN else ''}" if came else ""
        message = f"the model's answer {flaw} (request {request_id}){began}"
        raise ModelFailed(printable(message), "failed", AGAIN) from None


def _said(answer: str) -> str:
    """The answer without the thoughts that some models put before it."""
    thought, _, said = answer.partition("</think>")
    return said.lstrip() if said.strip() and thought.lstrip().startswith("<think>") else answer


def refused(why: str, request_id: str) -> ModelFailed:
    """The model would not answer."""
    message = f"the model refuses to answer: {printable(why)[:300]} (request {request_id})"
    return ModelFailed(message, "rejected", "change the prompt")


def cut_off(request_id: str) -> ModelFailed:
    """The answer ends in the middle."""
    message = f"the model's answer was cut off at its longest (request {request_id})"
    return ModelFailed(message, "failed", "raise `max_tokens`, or ask for less")
