"""Language models in real runs, through fal's queue and Hugging Face's chat route."""

from __future__ import annotations

import asyncio
import json
import signal
from typing import Any

import pytest

from callsheet.errors import InputError
from callsheet.runtime.ledger import LedgerReader
from callsheet.runtime.workspace import Workspace

TOKEN = "hf_planted2b7d50c1"
PROVIDERS = ("fal", "huggingface")
ENDPOINTS = {"fal": "openrouter/router", "huggingface": "v1/chat/completions"}
FILM = """
callsheet: 1
name: film
nodes:
  script:
    uses: text/chat
    provider: PROVIDER
    retry: RETRY
    with:
      prompt: "Three shots of a lighthouse. PROMPT"
      system: You are a terse director.
      schema:
        title: string
        shots: {type: list, items: {id: string, prompt: string}, maximum: 4}
  card:
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "${{ script.shots[1].prompt }}, ${{ script.shots[1].id }}"}
outputs:
  title: ${{ script.title }}
  shots: ${{ script.shots }}
"""


class Film:
    """A film whose script a language model writes."""

    def __init__(self, project: Any, provider: str) -> None:
        self.project, self.provider = project, provider
        self.write()

    def write(self, retry: int = 1, prompt: str = "") -> None:
        text = FILM.replace("PROVIDER", self.provider).replace("RETRY", str(retry)).replace("PROMPT", prompt)
        self.project.write(text)

    def fault(self, kind: str, **options: Any) -> None:
        self.project.provider.fault(kind, endpoint=ENDPOINTS[self.provider], **options)

    @property
    def asked(self) -> list[Any]:
        """The POSTs to the language model."""
        return [post for post in self.project.provider.posts if post.endpoint == ENDPOINTS[self.provider]]

    @property
    def attempts(self) -> list[Any]:
        reader = LedgerReader(self.project.state / "ledger.db")
        try:
            return [attempt for attempt in reader.attempts() if attempt.address == "script"]
        finally:
            reader.close()


@pytest.fixture(params=PROVIDERS)
def film(request: pytest.FixtureRequest, project: Any, monkeypatch: pytest.MonkeyPatch) -> Film:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    return Film(project, request.param)


def test_an_answer_becomes_outputs_and_is_not_paid_again(film: Film) -> None:
    result = film.project.run()
    assert result.status == "done", film.project.failures
    assert str(result.outputs["title"]).startswith("Preview: ")
    assert len(film.asked) == 1
    [attempt] = film.attempts
    assert attempt.state == "COMMITTED" and attempt.request_id
    prompt = next(p.body["prompt"] for p in film.project.provider.posts if "hunyuan" in p.endpoint)
    assert prompt.startswith("Preview 2: ") and prompt.endswith(", shot2")

    assert film.project.run().status == "done"
    assert len(film.asked) == 1 and film.project.usd == 0


def test_the_ledger_alone_gives_the_outputs_again(film: Film) -> None:
    first = film.project.run()
    for path in film.project.state.glob("cache.db*"):
        path.unlink()
    again = film.project.run()
    assert again.outputs == first.outputs and len(film.asked) == 1


def test_what_is_sent(film: Film) -> None:
    film.project.run()
    body = film.asked[0].body
    if film.provider == "fal":
        assert body["model"] == "google/gemini-2.5-flash" and body["prompt"].startswith("Three shots")
        system = body["system_prompt"]
    else:
        assert body["model"] == "openai/gpt-oss-120b" and body["stream"] is False
        system = body["messages"][0]["content"]
        assert body["messages"][1] == {"role": "user", "content": "Three shots of a lighthouse. "}
        form = body["response_format"]["json_schema"]
        assert form["strict"] and form["schema"]["properties"]["shots"]["maxItems"] == 4
        assert film.attempts[0].served_from == "openai/gpt-oss-120b" and film.attempts[0].units
    assert system.startswith("You are a terse director.\n\nAnswer with one JSON object")
    assert json.loads(system[system.index("{") :])["required"] == ["title", "shots"]


def test_the_plan_names_what_changed(film: Film) -> None:
    film.project.run()
    assert "+ " not in film.project.command("plan", "film.yaml").communicate(timeout=120)[0]
    film.write(prompt="At dusk.")
    told = film.project.command("plan", "film.yaml").communicate(timeout=120)[0]
    assert 'prompt: "Three shots of a lighthouse. " → "' in told and 'At dusk."' in told


def test_thoughts_before_the_answer_are_left_out() -> None:
    from callsheet.nodes.text import chat
    from callsheet.nodes.text.llm.reply import outputs

    assert outputs(chat.SPEC, "<think>\nHm {1}\n</think>\n\nA lamp.", "r") == {"text": "A lamp."}
    assert outputs(chat.SPEC, "no <think> here </think> x", "r") == {"text": "no <think> here </think> x"}


def test_a_fence_is_taken_off(film: Film) -> None:
    film.fault("answer_fenced")
    assert film.project.run().status == "done", film.project.failures
    assert len(film.asked) == 1


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("answer_words", "the model's answer is not JSON"),
        ("answer_misfit", "does not fit: the field `title` (string) is missing"),
        ("answer_empty", "the model's answer is empty"),
        ("answer_long", "the model's answer has 1,500,000 characters"),
        ("answer_cut", "the model's answer was cut off"),
    ],
)
def test_a_wrong_answer_fails_and_is_kept(film: Film, kind: str, says: str) -> None:
    film.fault(kind)
    result = film.project.run()
    failure = film.project.failures["script"]
    assert result.exit_code == 1 and failure.kind == "failed" and says in failure.message
    assert failure.next_step and len(failure.message) < 700
    [attempt] = film.attempts
    assert attempt.state == "FAILED" and attempt.result and len(film.asked) == 1
    if kind == "answer_words":
        assert (
            "Sure! I would love to help with that." in failure.message
            and attempt.request_id in failure.message
        )
    film.project.heal()
    assert film.project.run().status == "done" and len(film.asked) == 2


def test_asked_again_within_its_attempts(film: Film) -> None:
    film.write(retry=3)
    film.fault("answer_words", times=2)
    assert film.project.run().status == "done", film.project.failures
    assert [attempt.state for attempt in film.attempts] == ["FAILED", "FAILED", "COMMITTED"]
    assert len(film.asked) == 3


def test_no_more_often_than_that(film: Film) -> None:
    film.write(retry=2)
    film.fault("answer_words")
    film.project.run()
    assert film.project.failures["script"].kind == "failed" and len(film.asked) == 2


def test_a_refusal_is_not_asked_again(film: Film) -> None:
    film.write(retry=3)
    film.fault("http_422")
    film.project.run()
    assert film.project.failures["script"].kind == "rejected" and len(film.asked) == 1


def test_a_lost_reply_stops_there(film: Film) -> None:
    film.write(retry=3)
    film.fault("lost_reply")
    film.project.run()
    assert film.project.failures["script"].kind == "unknown" and len(film.asked) == 1
    film.project.heal()
    film.project.run()
    assert film.project.failures["script"].kind == "unknown" and len(film.asked) == 1

    told = film.project.command("reconcile", "script", "--pay-again").communicate(timeout=120)[0]
    assert "sends script again" in told
    assert film.project.run().status == "done" and len(film.asked) == 2


@pytest.mark.parametrize("point", ["call.after_sending", "call.after_accepted", "call.after_result"])
def test_killed_and_resumed(film: Film, point: str) -> None:
    process = film.project.start("--concurrency", "1", "--output", "quiet", failpoint=f"{point}:1")
    process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL
    status = film.project.run().status
    if point == "call.after_sending":
        assert film.project.failures["script"].kind == "unknown" and not film.asked
    else:
        assert status == "done", film.project.failures
        assert len(film.asked) == 1


def test_an_answer_that_resume_brought_home_is_looked_at_again(film: Film) -> None:
    """Without its node, nobody knows which form an answer should have."""
    film.fault("answer_words")
    process = film.project.start("--concurrency", "1", "--output", "quiet", failpoint="call.after_accepted:1")
    process.communicate(timeout=120)
    asyncio.run(_brought_home(film))
    assert [attempt.state for attempt in film.attempts] == ["COMMITTED"]
    film.project.heal()
    result = film.project.run()
    assert result.status == "done", film.project.failures
    assert len(film.asked) == 2


async def _brought_home(film: Film) -> None:
    from callsheet.runtime.calls.pending import fetch_pending

    async with Workspace(film.project.folder).open_for_payment() as project:
        async for _ in fetch_pending(project):
            pass


def test_a_budget_that_is_too_small_sends_nothing(film: Film) -> None:
    """One provider's chat has a price, the other's has none."""
    with pytest.raises(InputError, match=r"without a known price \(script\)|costs at least"):
        film.project.run(budget=0.000001)
    assert not film.asked
    assert film.project.run(budget=1.0, unpriced=0.01).status == "done"


def test_what_a_model_says_is_never_evaluated(film: Film) -> None:
    """The stand-in repeats the words of the prompt, which themselves come from outside."""
    film.write(prompt="${{ '${' ~ '{ inputs.key }' ~ '} ${' ~ '% raw %}' }}")
    result = film.project.run()
    assert result.status == "done", film.project.failures
    prompts = [p.body["prompt"] for p in film.project.provider.posts if "hunyuan" in p.endpoint]
    assert len(prompts) == 1 and "${{ inputs.key" in prompts[0]


GROWN = """
callsheet: 1
name: grown
axes:
  shot: {over: "${{ script.shots }}", key: "${{ KEY }}", max: MOST}
nodes:
  script:
    uses: text/chat
    provider: PROVIDER
    retry: 2
    with:
      prompt: Four shots of a lighthouse
      schema:
        shots: {type: list, items: {id: string, prompt: string, kind: {enum: [wide]}}}
  card:
    each: shot
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "${{ shot.prompt }}"}
outputs:
  cards: ${{ card.images | map("first") }}
"""


def grown(film: Film, key: str = "shot.id", most: int = 6) -> Any:
    text = GROWN.replace("PROVIDER", film.provider).replace("KEY", key).replace("MOST", str(most))
    return film.project.write(text).run()


def test_a_film_grows_with_the_list_that_a_model_writes(film: Film) -> None:
    film.fault("answer_words", times=1)
    result = grown(film)
    assert result.status == "done", film.project.failures
    assert set(film.project.finished) == {"script", *(f'card["shot{i}"]' for i in range(1, 5))}
    assert len(film.asked) == 2
    posts = film.project.posts
    assert grown(film).status == "done" and film.project.posts == posts


@pytest.mark.parametrize(("key", "most", "says"), [("shot.kind", 6, "wide"), ("shot.id", 3, "4")])
def test_a_list_that_is_no_axis(film: Film, key: str, most: int, says: str) -> None:
    result = grown(film, key, most)
    [failure] = film.project.failures.values()
    assert result.exit_code == 1 and says in failure.message and failure.next_step
    assert len(film.asked) == 1 and film.project.posts == 1


def test_hugging_face_needs_a_token(project: Any) -> None:
    film = Film(project, "huggingface")
    film.project.run()
    failure = film.project.failures["script"]
    assert failure.kind == "rejected" and "HF_TOKEN is not set" in failure.message and not film.asked


@pytest.mark.parametrize(
    ("fault", "kind", "state"),
    [
        ("reset", "unknown", "UNKNOWN"),
        ("nginx_502", "unknown", "UNKNOWN"),
        ("http_500", "unknown", "UNKNOWN"),
        ("http_503", "unknown", "UNKNOWN"),
        ("invalid_json", "unknown", "UNKNOWN"),
        ("truncated_json", "unknown", "UNKNOWN"),
        ("empty", "unknown", "UNKNOWN"),
        ("wrong_type", "unknown", "UNKNOWN"),
        ("endless", "unknown", "UNKNOWN"),
        ("redirect", "unknown", "UNKNOWN"),
        ("http_401", "rejected", "REJECTED"),
        ("http_402", "rejected", "REJECTED"),
        ("http_400", "rejected", "REJECTED"),
        ("missing_output", "failed", "FAILED"),
    ],
)
def test_every_fault_of_the_chat_route(
    fault: str, kind: str, state: str, project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    film = Film(project, "huggingface")
    film.fault(fault)
    film.project.run()
    assert film.project.failures["script"].kind == kind
    assert [attempt.state for attempt in film.attempts] == [state] and len(film.asked) == 1


def test_images_are_looked_at(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import Image

    monkeypatch.setenv("HF_TOKEN", TOKEN)
    Image.new("RGB", (8, 8), "navy").save(project.folder / "a.png")
    project.write("""
callsheet: 1
nodes:
  seen:
    uses: text/chat
    with: {prompt: what is this, images: [./a.png], temperature: 0, max_tokens: 50}
  also:
    uses: text/chat
    provider: huggingface
    with: {prompt: what is this, images: [./a.png], model: Qwen/Qwen2.5-VL-72B-Instruct, seed: 7}
outputs: {seen: "${{ seen.text }}", also: "${{ also.text }}"}
""")
    assert project.run().status == "done", project.failures
    bodies = {post.endpoint: post.body for post in project.provider.posts}
    vision = bodies["openrouter/router/vision"]
    assert len(vision["image_urls"]) == 1 and (vision["temperature"], vision["max_tokens"]) == (0, 50)
    chat = bodies["v1/chat/completions"]
    assert chat["seed"] == 7 and "response_format" not in chat
    [text, image] = chat["messages"][0]["content"]
    assert text == {"type": "text", "text": "what is this"}
    assert image["image_url"]["url"].startswith("data:image/png;base64,")
