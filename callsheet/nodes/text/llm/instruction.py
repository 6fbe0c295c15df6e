"""What a language model is told beside the prompt, so that its answer has the declared fields."""

from __future__ import annotations

import json
from typing import Final

from callsheet.nodes.text.llm.json_schema import json_schema
from callsheet.spec.types import Record

RULE: Final = (
    "Answer with one JSON object and nothing else: no words before or after it. It fits this JSON Schema:"
)


def system_text(system: object, fields: Record | None) -> str:
    """The system message: the pipeline's own, then the rule for the form of the answer; "" for neither."""
    own = system.strip() if isinstance(system, str) else ""
    form = f"{RULE}\n{json.dumps(json_schema(fields), ensure_ascii=False)}" if fields else ""
    return "\n\n".join(part for part in (own, form) if part)
