import json
import time

import httpx
import pytest

from callsheet.emulator import Emulator

KEY = {"Authorization": "Key test"}
IMAGE = "fal-ai/hunyuan-image/v3/text-to-image"
BODY = {"prompt": "a lighthouse", "seed": 7}


def test_a_request_goes_from_submit_to_result(client, done):
    accepted = client.post(f"/{IMAGE}", json=BODY).json()
    assert accepted["status"] == "IN_QUEUE" and accepted["queue_position"] == 0
    client.get(accepted["status_url"] + "/stream")
    result = client.get(accepted["response_url"])
    assert result.status_code == 200
    assert result.headers["x-fal-request-id"] == accepted["request_id"]
    assert float(result.headers["x-fal-billable-units"]) > 0
    assert result.json()["seed"] == 7
    assert client.get(accepted["response_url"] + "/response").json() == result.json()


def test_the_urls_keep_owner_and_alias_only(provider, client):
    accepted = client.post(f"/{IMAGE}", json=BODY).json()
    base = f"{client.base_url}/fal-ai/hunyuan-image/requests/{accepted['request_id']}".replace(
        "//fal", "/fal"
    )
    assert accepted["response_url"] == base
    assert accepted["status_url"] == base + "/status"
    assert accepted["cancel_url"] == base + "/cancel"


@pytest.mark.parametrize("tail", ["", "/status", "/status/stream"])
def test_a_url_that_keeps_the_subpath_is_405(client, tail):
    accepted = client.post(f"/{IMAGE}", json=BODY).json()
    assert client.get(f"/{IMAGE}/requests/{accepted['request_id']}{tail}").status_code == 405
    assert client.put(f"/{IMAGE}/requests/{accepted['request_id']}/cancel").status_code == 405


def test_a_namespace_belongs_to_the_app():
    with Emulator(tiny=True, strict=False) as provider:
        reply = httpx.post(
            f"{provider.url}/workflows/me/film/x", json={}, headers=KEY, trust_env=False
        ).json()
    assert f"/workflows/me/film/requests/{reply['request_id']}" in reply["status_url"]


@pytest.mark.parametrize("logs", ["true", "false", "1", "0"])
def test_status_has_logs_and_position_whatever_is_asked(logs):
    with Emulator(tiny=True, latency=0.3, concurrency=1) as provider:
        client = httpx.Client(base_url=provider.url, headers=KEY, trust_env=False)
        first, second = (client.post(f"/{IMAGE}", json=BODY).json() for _ in range(2))
        working = client.get(first["status_url"], params={"logs": logs})
        waiting = client.get(second["status_url"], params={"logs": logs}).json()
        assert working.status_code == 202 and working.json()["status"] == "IN_PROGRESS"
        assert bool(working.json()["logs"]) == (logs in ("true", "1"))
        assert waiting["status"] == "IN_QUEUE" and waiting["queue_position"] == 0 and "logs" in waiting
        client.get(first["status_url"] + "/stream")
        ended = client.get(first["status_url"])
        assert ended.status_code == 200 and ended.json()["metrics"]["inference_time"] == 0.3


def test_the_stream_tells_every_change_once():
    with Emulator(tiny=True, latency=0.2) as provider:
        client = httpx.Client(base_url=provider.url, headers=KEY, trust_env=False)
        accepted = client.post(f"/{IMAGE}", json=BODY).json()
        text = client.get(accepted["status_url"] + "/stream?logs=1").text
    states = [json.loads(line[6:])["status"] for line in text.split("\n\n") if line]
    assert states in (["IN_PROGRESS", "COMPLETED"], ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"])


def test_a_result_is_400_while_it_works_and_404_when_unknown():
    with Emulator(tiny=True, latency=5) as provider:
        client = httpx.Client(base_url=provider.url, headers=KEY, trust_env=False)
        accepted = client.post(f"/{IMAGE}", json=BODY).json()
        assert client.get(accepted["response_url"]).status_code == 400
        assert client.get("/fal-ai/hunyuan-image/requests/none").status_code == 404
        other_app = accepted["status_url"].replace("hunyuan-image", "veo3.1")
        assert client.get(other_app).status_code == 404


def test_cancel_ends_a_request_and_says_when_it_was_too_late(done, client):
    with Emulator(tiny=True, latency=30) as provider:
        slow = httpx.Client(base_url=provider.url, headers=KEY, trust_env=False)
        accepted = slow.post(f"/{IMAGE}", json=BODY).json()
        reply = slow.put(accepted["cancel_url"])
        assert (reply.status_code, reply.json()) == (202, {"status": "CANCELLATION_REQUESTED"})
        assert slow.get(accepted["status_url"]).json()["error_type"] == "client_cancelled"
        assert slow.get(accepted["response_url"]).status_code == 499
    late = client.put(done()["cancel_url"])
    assert (late.status_code, late.json()) == (400, {"status": "ALREADY_COMPLETED"})


def test_at_most_so_many_work_at_once():
    with Emulator(tiny=True, latency=0.1, concurrency=2) as provider:
        client = httpx.Client(base_url=provider.url, headers=KEY, trust_env=False)
        accepted = [client.post(f"/{IMAGE}", json=BODY).json() for _ in range(6)]
        for one in accepted:
            client.get(one["status_url"] + "/stream")
        spans = [(g.started_at, g.ended_at) for g in provider.accepted]
    assert max(sum(a <= start < b for a, b in spans) for start, _ in spans) == 2


@pytest.mark.parametrize(
    ("body", "name", "kind"),
    [
        ({}, "prompt", "missing"),
        ({"prompt": 7}, "prompt", "string_type"),
        ({"prompt": "x", "num_images": "2"}, "num_images", "int_type"),
        ({"prompt": "x", "num_images": 99}, "num_images", "less_than_equal"),
        ({"prompt": "x", "output_format": "gif"}, "output_format", "literal_error"),
    ],
)
def test_a_body_that_does_not_fit_is_a_422_list_and_nothing_is_accepted(provider, client, body, name, kind):
    reply = client.post(f"/{IMAGE}", json=body)
    assert reply.status_code == 422
    assert [(e["loc"], e["type"]) for e in reply.json()["detail"]] == [(["body", name], kind)]
    assert provider.accepted == [] and not provider.posts[0].accepted


def test_a_file_of_ours_that_is_not_there_cannot_be_fetched(client, provider):
    body = {"prompt": "x", "image_url": f"{provider.url}/files/00/none.png"}
    reply = client.post("/fal-ai/pika/v2.2/image-to-video", json=body)
    assert reply.json()["detail"][0]["type"] == "file_download_error"


def test_an_unknown_endpoint_is_404_unless_the_emulator_is_not_strict(client):
    assert client.post("/fal-ai/nothing-of-the-kind", json=BODY).status_code == 404
    with Emulator(tiny=True, strict=False) as provider:
        reply = httpx.post(f"{provider.url}/me/model", json={"x": 1}, headers=KEY, trust_env=False)
        assert reply.status_code == 200


def test_keys():
    with Emulator(tiny=True, keys={"refused": ["wrong"], "locked": ["poor"]}) as provider:

        def status(value: str | None) -> int:
            headers = {"Authorization": value} if value else {}
            return httpx.post(
                f"{provider.url}/{IMAGE}", json=BODY, headers=headers, trust_env=False
            ).status_code

        assert [status(v) for v in ("Key any", "Bearer any", None, "any", "Key wrong", "Key poor")] == [
            200, 200, 401, 401, 401, 403,
        ]  # fmt: skip
        assert len(provider.accepted) == 2


def test_equal_requests_give_equal_bytes_and_others_do_not(client, done):
    digests = []
    for prompt in ("a", "a", "b"):
        result = client.get(done(prompt)["response_url"]).json()
        digests.append(client.get(result["images"][0]["url"]).content)
    assert digests[0] == digests[1] != digests[2]


def test_a_start_timeout_ends_what_waits_too_long():
    with Emulator(tiny=True, latency=30, concurrency=1) as provider:
        client = httpx.Client(base_url=provider.url, headers=KEY, trust_env=False)
        client.post(f"/{IMAGE}", json=BODY)
        limit = {"X-Fal-Request-Timeout": "0.1"}
        accepted = client.post(f"/{IMAGE}", json=BODY, headers=limit).json()
        client.get(accepted["status_url"] + "/stream")
        late = client.get(accepted["response_url"])
    assert late.status_code == 504 and late.headers["x-fal-request-timeout-type"] == "user"


def test_results_are_kept_as_long_as_configured():
    with Emulator(tiny=True, retention={"result": 0.05}) as provider:
        client = httpx.Client(base_url=provider.url, headers=KEY, trust_env=False)
        accepted = client.post(f"/{IMAGE}", json=BODY).json()
        client.get(accepted["status_url"] + "/stream")
        time.sleep(0.1)
        assert client.get(accepted["response_url"]).status_code == 404


def test_time_can_run_faster():
    with Emulator(tiny=True, latency=60, time_scale=600) as provider:
        client = httpx.Client(base_url=provider.url, headers=KEY, trust_env=False)
        started = time.monotonic()
        accepted = client.post(f"/{IMAGE}", json=BODY).json()
        client.get(accepted["status_url"] + "/stream")
    assert 0.09 < time.monotonic() - started < 50


def test_it_stops_at_once_with_open_streams():
    with Emulator(tiny=True, latency=600) as provider:
        client = httpx.Client(base_url=provider.url, headers=KEY, trust_env=False)
        accepted = client.post(f"/{IMAGE}", json=BODY).json()
        stream = client.send(client.build_request("GET", accepted["status_url"] + "/stream"), stream=True)
        next(stream.iter_bytes())
        started = time.monotonic()
    assert time.monotonic() - started < 60
