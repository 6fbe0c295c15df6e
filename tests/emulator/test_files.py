import httpx
import pytest

from callsheet.emulator import Emulator
from callsheet.emulator.results.tiny import tiny
from callsheet.nodes.media.probe import identify, probe

KEY = {"Authorization": "Key test"}
IMAGE = "fal-ai/hunyuan-image/v3/text-to-image"


def test_tiny_media_are_what_they_claim_and_differ(tmp_path):
    for kind in ("image", "video", "audio"):
        one, two = tiny(kind, bytes(range(32))), tiny(kind, bytes(range(1, 33)))
        path = tmp_path / kind
        path.write_bytes(one)
        assert identify(path) == kind and one != two and one == tiny(kind, bytes(range(32)))
        facts = probe(path)
        assert facts.width == (None if kind == "audio" else 64)


@pytest.mark.parametrize(
    ("asked", "status", "span"),
    [
        ("bytes=0-3", 206, slice(0, 4)),
        ("bytes=10-", 206, slice(10, None)),
        ("bytes=-5", 206, slice(-5, None)),
        ("bytes=0-99999999", 206, slice(0, None)),
        ("bytes=99999999-", 416, slice(0, 0)),
        ("bytes=-", 200, slice(0, None)),
        ("lines=1-2", 200, slice(0, None)),
    ],
)
def test_ranges(client, done, asked, status, span):
    image = client.get(done()["response_url"]).json()["images"][0]
    whole = client.get(image["url"])
    part = client.get(image["url"], headers={"Range": asked})
    assert len(whole.content) == image["file_size"] == int(whole.headers["content-length"])
    assert part.status_code == status and part.content == whole.content[span]


def test_head_and_no_key(provider, client, done):
    url = client.get(done()["response_url"]).json()["images"][0]["url"]
    head = httpx.head(url, trust_env=False)
    assert head.status_code == 200 and int(head.headers["content-length"]) > 0 and head.content == b""
    assert httpx.get(url, trust_env=False).status_code == 200
    assert httpx.get(provider.url + "/files/none/x.png", trust_env=False).status_code == 404


def test_media_are_kept_as_long_as_configured():
    with Emulator(tiny=True, retention={"media": 0}) as provider:
        client = httpx.Client(base_url=provider.url, headers=KEY, trust_env=False)
        accepted = client.post(f"/{IMAGE}", json={"prompt": "x"}).json()
        client.get(accepted["status_url"] + "/stream")
        url = client.get(accepted["response_url"]).json()["images"][0]["url"]
        assert client.get(url).status_code == 404


def test_upload_with_a_token(provider, client):
    token = client.post("/storage/auth/token?storage_type=fal-cdn-v3", json={}).json()
    headers = {"Authorization": f"{token['token_type']} {token['token']}", "Content-Type": "image/png"}
    wrong = {**headers, "Authorization": "Key test"}
    url = f"{token['base_url']}/files/upload"
    assert httpx.post(url, content=b"png", headers=wrong, trust_env=False).status_code == 401
    named = {**headers, "X-Fal-File-Name": "../../hero one.png"}
    access = httpx.post(url, content=b"png", headers=named, trust_env=False).json()["access_url"]
    back = client.get(access)
    assert back.content == b"png" and back.headers["content-type"] == "image/png"
    assert access.startswith(provider.url + "/files/") and ".." not in access.rpartition("/")[0]


def test_a_signed_put_needs_its_signature_and_no_key(provider, client):
    asked = {"content_type": "video/mp4", "file_name": "a.mp4"}
    begun = client.post("/storage/upload/initiate?storage_type=fal-cdn-v3", json=asked).json()
    assert client.get(begun["file_url"]).status_code == 404
    unsigned = begun["upload_url"].partition("?")[0]
    assert httpx.put(unsigned, content=b"film", trust_env=False).status_code == 403
    assert httpx.put(begun["upload_url"], content=b"film", trust_env=False).status_code == 200
    assert client.get(begun["file_url"]).content == b"film"
    assert [r.authorized for r in provider.requests if r.method == "PUT"] == [False, False]


def test_parts_with_a_token(client):
    token = client.post("/storage/auth/token", json={}).json()
    headers = {"Authorization": f"Bearer {token['token']}", "X-Fal-File-Name": "big.bin"}
    begun = client.post("/files/upload/multipart", headers=headers).json()
    parts = []
    for number, data in ((2, b"world"), (1, b"hello ")):
        sent = client.put(f"{begun['access_url']}/multipart/{begun['uploadId']}/{number}", content=data)
        parts.append({"partNumber": number, "etag": sent.headers["etag"]})
    url = f"{begun['access_url']}/multipart/{begun['uploadId']}/complete"
    assert client.post(url, json={"parts": parts}).status_code == 200
    assert client.get(begun["access_url"]).content == b"hello world"


def test_parts_at_a_signed_url(client):
    begun = client.post("/storage/upload/initiate-multipart", json={"file_name": "b.bin"}).json()
    path, _, query = begun["upload_url"].partition("?")
    sent = client.put(f"{path}/1?{query}", content=b"one")
    wrong = client.post(f"{path}/complete?{query}", json={"parts": [{"partNumber": 1, "etag": '"no"'}]})
    assert wrong.status_code == 400
    assert client.post(f"{path}/complete?{query}", json={"parts": "all"}).status_code == 400
    client.put(f"{path}/1?{query}", content=b"one")
    named = {"parts": [{"partNumber": 1, "etag": sent.headers["etag"]}]}
    assert client.post(f"{path}/complete?{query}", json=named).status_code == 200
    assert client.get(begun["file_url"]).content == b"one"


def test_an_uploaded_file_is_an_input(provider, client, tmp_path):
    begun = client.post("/storage/upload/initiate", json={"file_name": "a.png"}).json()
    httpx.put(begun["upload_url"], content=tiny("image", bytes(32)), trust_env=False)
    body = {"prompt": "x", "image_url": begun["file_url"]}
    assert client.post("/fal-ai/pika/v2.2/image-to-video", json=body).status_code == 200
