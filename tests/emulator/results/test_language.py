"""Language models of the emulated providers: answers in the form that is asked for."""

import json

import httpx
import pytest

CHAT = "/v1/chat/completions"
FORM = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "shots": {"type": "array", "items": {"type": "string"}}},
    "required": ["title", "shots"],
}
ASKED = {
    "model": "x/y",
    "messages": [{"role": "system", "content": "Be terse."}, {"role": "user", "content": "four shots"}],
    "response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": FORM}},
}


@pytest.fixture
def client(provider):
    return httpx.Client(base_url=provider.url, headers={"Authorization": "Bearer hf_test"}, trust_env=False)


def test_chat_completions(client, provider):
    reply = client.post(CHAT, json=ASKED).json()
    [choice] = reply["choices"]
    answer = json.loads(choice["message"]["content"])
    assert choice["finish_reason"] == "stop" and len(answer["shots"]) == 4
    assert reply["model"] == "x/y" and reply["usage"]["total_tokens"] > 0
    [post] = provider.posts
    assert post.accepted and post.endpoint == "v1/chat/completions" and len(provider.accepted) == 1


def test_a_form_in_the_system_prompt(client):
    body = {"prompt": "two shots", "model": "x/y", "system_prompt": f"Use this: {json.dumps(FORM)}"}
    url = client.post("/openrouter/router", json=body).json()["response_url"]
    client.get(f"{url}/status/stream")
    result = client.get(url).json()
    assert len(json.loads(result["output"])["shots"]) == 2 and result["error"] is None


def test_no_form_no_json(client):
    body = {**ASKED, "response_format": {"type": "text"}}
    assert client.post(CHAT, json=body).json()["choices"][0]["message"]["content"].startswith("Preview: ")


@pytest.mark.parametrize(
    ("kind", "finish"), [("answer_words", "stop"), ("answer_cut", "length"), ("answer_empty", "stop")]
)
def test_spoilt_on_request(client, provider, kind, finish):
    provider.fault(kind, times=1)
    [choice] = client.post(CHAT, json=ASKED).json()["choices"]
    assert choice["finish_reason"] == finish
    with pytest.raises(ValueError):
        json.loads(choice["message"]["content"])
    assert len(provider.accepted) == 1


def test_what_is_no_question(client, provider):
    assert client.post(CHAT, json={"model": "x"}).status_code == 400
    assert client.post(CHAT, json=ASKED, headers={"Authorization": ""}).status_code == 401
    assert not provider.accepted
