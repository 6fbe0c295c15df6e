"""What was asked can be read back from what was sent, either way."""

from __future__ import annotations

import pytest

from callsheet.nodes.fal import chat as fal
from callsheet.nodes.huggingface import chat as hugging_face
from callsheet.nodes.text import chat
from callsheet.nodes.text.llm.request_params import asked, comparable
from callsheet.spec.node import Declared
from callsheet.spec.types import STRING, Field, Record

FIELDS = Record({"title": Field(STRING, required=True)})


@pytest.mark.parametrize("provider", list(chat.MODELS))
@pytest.mark.parametrize("fields", [None, FIELDS])
@pytest.mark.parametrize(
    "params",
    [
        {"prompt": "a lighthouse"},
        {"prompt": "a", "system": "You are terse.", "temperature": 0, "max_tokens": 9, "model": "x/y"},
    ],
)
def test_there_and_back(provider, fields, params):
    assert chat.SPEC.declares is not None
    spec = chat.SPEC.declares.spec(Declared(provider, fields))
    body = fal.request(spec, params)[1] if provider == "fal" else hugging_face.request(spec, params)
    assert asked(body) == comparable(spec, params)
