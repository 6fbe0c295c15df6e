import json
import socket
import time
import zlib
from urllib.parse import urlsplit

import httpx
import pytest

from callsheet.emulator import Fault
from callsheet.emulator.faults.break_platform import PLATFORM
from callsheet.emulator.faults.break_reply import BREAKERS
from callsheet.emulator.faults.fault import Faults, parse_fault, parse_faults
from callsheet.emulator.faults.kinds import KINDS
from callsheet.emulator.faults.odd_files import PACKINGS
from callsheet.emulator.faults.odd_results import BYTES, FORMS
from callsheet.emulator.faults.outcome import OUTCOMES
from callsheet.errors import InputError

KEY = {"Authorization": "Key test"}
IMAGE = "fal-ai/hunyuan-image/v3/text-to-image"
BODY = {"prompt": "a lighthouse", "seed": 7}


def post(client: httpx.Client, **headers: str) -> httpx.Response:
    return client.post(f"/{IMAGE}", json=BODY, headers=headers)


def test_every_kind_does_something():
    assert set(KINDS) == set(BREAKERS) | set(OUTCOMES) | set(PLATFORM)


@pytest.mark.parametrize(("kind", "taken"), [("lost_reply", 1), ("reset", 0)])
def test_a_reset_connection_and_what_was_taken(provider, client, kind, taken):
    provider.fault(kind)
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        post(client)
    assert len(provider.posts) == 1 and len(provider.accepted) == taken
    assert provider.posts[0].status is None and provider.posts[0].faults == [kind]


@pytest.mark.parametrize(
    ("kind", "status", "taken"),
    [
        ("nginx_502", 502, 1), ("http_503", 503, 0), ("http_500", 500, 0), ("http_429", 429, 0),
        ("http_401", 401, 0), ("http_402", 402, 0), ("locked", 403, 0), ("http_408", 408, 0),
    ],
)  # fmt: skip
def test_a_status_in_place_of_the_reply(provider, client, kind, status, taken):
    provider.fault(kind, retry_after="3")
    reply = post(client)
    assert reply.status_code == status and len(provider.accepted) == taken
    assert reply.headers.get("retry-after") == ("3" if kind.startswith("http_") else None)
    if kind == "nginx_502":
        assert "nginx" in reply.text and "x-fal-request-id" not in reply.headers


def test_whether_a_request_is_taken_can_be_chosen(provider, client):
    provider.fault("http_503", accepted=True)
    provider.fault("nginx_502,accepted=false,endpoint=none*")
    assert post(client).status_code == 503 and len(provider.accepted) == 1


@pytest.mark.parametrize(
    ("kind", "content"),
    [("invalid_json", b"{'status': IN_QUEUE}"), ("empty", b""), ("wrong_type", b'["IN_QUEUE"]')],
)
def test_a_body_that_is_not_what_it_should_be(provider, client, kind, content):
    provider.fault(kind)
    reply = post(client)
    assert reply.status_code == 200 and reply.content == content and len(provider.accepted) == 1


def test_half_a_body_and_a_body_without_id(provider, client):
    provider.fault("truncated_json", nth=1)
    provider.fault("no_id", nth=2)
    with pytest.raises(json.JSONDecodeError):
        post(client).json()
    reply = post(client)
    assert "request_id" not in reply.json() and "x-fal-request-id" not in reply.headers


@pytest.mark.parametrize("kind", ["slow_reply", "slow_headers"])
def test_slowness(provider, client, kind):
    provider.fault(kind, seconds=0.3)
    started = time.monotonic()
    assert post(client).json()["request_id"] == provider.accepted[0].id
    assert time.monotonic() - started > 0.25


@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [("content_policy", 422, "content_policy_violation"), ("model_error", 500, "internal_server_error")],
)
def test_a_model_that_fails_is_completed(provider, client, done, fault, status, kind):
    provider.fault(fault)
    accepted = done()
    told = client.get(accepted["status_url"])
    result = client.get(accepted["response_url"])
    assert told.status_code == 200 and told.json()["status"] == "COMPLETED" and told.json()["error"]
    assert result.status_code == status and result.json()["detail"][0]["type"] == kind
    assert "x-fal-billable-units" not in result.headers


def test_a_result_without_what_was_promised(provider, client, done):
    provider.fault("missing_output")
    assert client.get(done()["response_url"]).json() == {}


def test_a_request_that_never_ends(provider, client):
    provider.fault("stuck")
    accepted = post(client).json()
    time.sleep(0.05)
    assert client.get(accepted["status_url"]).json()["status"] == "IN_QUEUE"


def test_status_that_goes_backwards_or_is_unknown(provider, client, done):
    accepted = done()
    provider.fault("backwards", nth=1)
    provider.fault("unknown_status", nth=2)
    states = [client.get(accepted["status_url"]).json()["status"] for _ in range(3)]
    assert states == ["IN_QUEUE", "DREAMING", "COMPLETED"]


def test_a_result_that_is_gone_once(provider, client, done):
    accepted = done()
    provider.fault("gone", times=1)
    assert [client.get(accepted["response_url"]).status_code for _ in range(2)] == [404, 200]


def image_url(client, done) -> str:
    return client.get(done()["response_url"]).json()["images"][0]["url"]


def test_media_that_are_not_there_cut_off_or_something_else(provider, client, done):
    url = image_url(client, done)
    for kind in ("media:http_404", "truncated", "wrong_length", "html"):
        provider.fault(f"{kind},times=1")
    assert client.get(url).status_code == 404
    for _ in range(2):
        with pytest.raises(httpx.RemoteProtocolError):
            client.get(url)
    page = client.get(url)
    assert page.status_code == 200 and page.headers["content-type"] == "text/html"
    assert client.get(url).content.startswith(b"\x89PNG")


def test_options_beside_a_text_count(provider, client, done):
    accepted = done()
    provider.fault("result:gone", times=1)
    assert [client.get(accepted["response_url"]).status_code for _ in range(2)] == [404, 200]


@pytest.mark.parametrize("status", [100, 199, 226, 304, 399, 600, 999])
def test_any_status(provider, client, done, status):
    url = image_url(client, done)
    provider.fault(f"media:http_{status}", times=1)
    if status < 200:
        with pytest.raises(httpx.RemoteProtocolError):
            client.get(url)
    else:
        assert client.get(url).status_code == status
    assert client.get(url).status_code == 200


@pytest.mark.parametrize("how", PACKINGS)
def test_files_that_are_packed(provider, client, done, how):
    url = image_url(client, done)
    plain = client.get(url).content
    provider.fault("packed", how=how)
    with client.stream("GET", url) as reply:
        raw = b"".join(reply.iter_raw())
    assert reply.headers["content-encoding"] == PACKINGS[how][0]
    assert (raw == plain) == (how in ("not-packed", "identity"))


def test_files_in_parts_of_another_kind_and_without_a_length(provider, client, done):
    url = image_url(client, done)
    plain = client.get(url).content
    for kind in ("part", "part,how=whole", "other_medium", "unmeasured"):
        provider.fault(f"media:{kind}", times=1)
    half, whole, other, unmeasured = (client.get(url) for _ in range(4))
    assert half.status_code == whole.status_code == 206
    assert half.content == plain[: len(plain) // 2] and whole.content == plain
    assert other.content.startswith(b"RIFF") and other.headers["content-type"] == "image/png"
    assert unmeasured.content == plain and "content-length" not in unmeasured.headers


@pytest.mark.parametrize("how", [*FORMS, *BYTES])
def test_results_in_another_form(provider, client, done, how):
    url = done()["response_url"]
    plain = client.get(url).content
    assert f" {how}" in KINDS["odd_result"].about
    provider.fault("odd_result", how=how)
    assert client.get(url).content != plain


def test_a_result_with_the_id_of_another_request(provider, client, done):
    accepted = done()
    provider.fault("odd_result", how="other_id")
    reply = client.get(accepted["response_url"])
    assert reply.headers["x-fal-request-id"] not in ("", accepted["request_id"])


@pytest.mark.parametrize("url", ["other_host", "private", "file", "userinfo", "ftp://x/y"])
def test_hostile_urls(provider, client, done, url):
    normal = urlsplit(provider.url).netloc
    provider.fault("hostile_url", url=url)
    reply = post(client).json()
    assert normal not in urlsplit(reply["status_url"]).netloc
    provider.reset()
    accepted = done()
    provider.fault("result:hostile_url", url=url)
    assert normal not in client.get(accepted["response_url"]).json()["images"][0]["url"]


def test_a_redirect_to_somebody_else(provider, client):
    provider.fault("redirect")
    reply = post(client)
    assert reply.status_code == 307 and reply.headers["location"].startswith("http://attacker.invalid")
    assert provider.accepted == []


def test_a_body_without_end(provider, client, done):
    accepted = done()
    provider.fault("result:endless")
    with client.stream("GET", accepted["response_url"]) as reply:
        sizes = iter(reply.iter_raw())
        assert sum(len(next(sizes)) for _ in range(200)) > 2_000_000


def test_a_bomb(provider, client, done):
    accepted = done()
    provider.fault("result:gzip_bomb")
    packed = b""
    with client.stream("GET", accepted["response_url"]) as reply:
        for piece in reply.iter_raw():
            packed += piece
            if len(packed) > 60_000:
                break
    assert reply.headers["content-encoding"] == "gzip"
    assert len(zlib.decompressobj(31).decompress(packed)) > 800 * len(packed)


def test_a_clock_that_is_off(provider, client):
    provider.fault("clock_skew", seconds=-3600)
    before = time.time()
    post(client)
    post(client)
    first, second = (accepted.sent_at for accepted in provider.accepted)
    assert before <= first <= time.time()
    assert before <= second + 3600 <= time.time()


def test_faults_of_one_request_come_in_its_header(provider, client):
    with pytest.raises(httpx.TransportError):
        post(client, **{"X-Callsheet-Fault": "lost_reply"})
    accepted = post(client, **{"X-Callsheet-Fault": "gone,times=1; media:html"}).json()
    client.get(accepted["status_url"] + "/stream")
    assert client.get(accepted["response_url"]).status_code == 404
    result = client.get(accepted["response_url"]).json()
    assert client.get(result["images"][0]["url"]).headers["content-type"] == "text/html"
    assert post(client, **{"X-Callsheet-Fault": "lost_replay"}).status_code == 400
    assert post(client).status_code == 200


def test_faults_and_journal_over_http(provider, client):
    armed = client.post("/_callsheet/faults", json={"kind": "http_503", "nth": 2, "endpoint": "fal-ai/*"})
    assert armed.json()[0]["kind"] == "http_503"
    assert [post(client).status_code for _ in range(3)] == [200, 503, 200]
    assert client.get("/_callsheet/faults").json()[0] == {
        "kind": "http_503", "on": "submit", "endpoint": "fal-ai/*", "met": 3, "fired": 1,
    }  # fmt: skip
    book = client.get("/_callsheet/journal").json()
    assert [p["status"] for p in book["posts"]] == [200, 503, 200] and len(book["accepted"]) == 2
    assert book["posts"][0]["body"] == BODY
    assert client.post("/_callsheet/faults", json={"kind": "nonsense"}).status_code == 400
    assert client.delete("/_callsheet/faults").json() == []
    assert client.post("/_callsheet/reset").json() == {"ok": True}
    assert provider.posts == [] and provider.accepted == []


def test_chance_follows_the_seed():
    def pattern(seed: int) -> list[bool]:
        faults = Faults([Fault("reset", "submit", probability=0.3)], seed)
        return [bool(list(faults.draw("submit", IMAGE))) for _ in range(200)]

    assert pattern(1) == pattern(1) != pattern(2)
    assert 30 < sum(pattern(1)) < 90


def test_a_fault_as_text():
    assert parse_fault("lost_reply") == Fault("lost_reply", "submit")
    assert parse_fault("result:http_500, endpoint=fal-ai/veo*, times=2") == Fault(
        "http_500", "result", endpoint="fal-ai/veo*", times=2
    )
    assert [f.kind for f in parse_faults("gone; html;")] == ["gone", "html"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lost_repli", "there is no fault 'lost_repli'"),
        ("sumbit:reset", "there is no place 'sumbit'"),
        ("reset,nht=3", "a fault has no option 'nht'"),
        ("reset,nth=third", "'third' is no value of a fault's 'nth'"),
        ("http_20", "there is no fault 'http_20'"),
    ],
)
def test_a_fault_that_nobody_knows(text, message):
    with pytest.raises(InputError, match=message):
        parse_fault(text)


def test_garbage_on_the_socket_leaves_the_server_alone(provider, client):
    with socket.create_connection(urlsplit(provider.url).netloc.split(":")) as raw:
        raw.sendall(b"\x16\x03\x01 nonsense\r\n\r\n")
        raw.recv(100)
    assert post(client).status_code == 200


PLACED = ("submit", "status", "result", "cancel", "upload", "media", "listing", "pricing")
QUICK = sorted(KINDS.keys() - {"endless", "gzip_bomb", "clock_skew", *OUTCOMES})


@pytest.mark.parametrize("place", PLACED)
def test_every_fault_strikes_at_every_place(provider, client, done, place):
    accepted = done()
    media = client.get(accepted["response_url"]).json()["images"][0]["url"]
    calls = {
        "submit": ("POST", f"/{IMAGE}"),
        "status": ("GET", accepted["status_url"]),
        "result": ("GET", accepted["response_url"]),
        "cancel": ("PUT", accepted["cancel_url"]),
        "upload": ("POST", "/storage/auth/token"),
        "media": ("GET", media),
        "listing": ("GET", f"/v1/models/requests/by-endpoint?endpoint_id={IMAGE}"),
        "pricing": ("GET", f"/v1/models/pricing?endpoint_id={IMAGE}"),
    }
    normal = _outcome(client, *calls[place])
    for kind in QUICK:
        client.delete("/_callsheet/faults")
        provider.fault(f"{place}:{kind},seconds=0.01")
        outcome = _outcome(client, *calls[place])
        assert "a bug in the emulator" not in str(outcome), kind
        assert provider.state.faults.armed[0].fired == 1
        if kind in ("reset", "lost_reply", "nginx_502", "locked", "empty", "invalid_json"):
            assert outcome != normal, kind


def _outcome(client: httpx.Client, method: str, url: str) -> tuple[int, str]:
    """(status, text), or (0, name of the error)."""
    try:
        reply = client.request(method, url, json=BODY if method == "POST" else None)
    except httpx.TransportError as error:
        return 0, type(error).__name__
    return reply.status_code, reply.text


def test_a_bug_in_the_emulator_says_so(provider, client, monkeypatch):
    monkeypatch.setattr(provider.state, "accept", None)
    reply = post(client)
    assert reply.status_code == 500 and "a bug in the emulator" in reply.json()["detail"]
