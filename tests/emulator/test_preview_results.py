"""Results drawn by the preview: as long and as large as the model's own."""

import httpx
import pytest

from callsheet.emulator import Emulator
from callsheet.nodes.media.probe import probe

KEY = {"Authorization": "Key test"}
IMAGE = "fal-ai/hunyuan-image/v3/text-to-image"
VIDEO = "fal-ai/pika/v2.2/image-to-video"


def finished(client: httpx.Client, endpoint: str, body: dict) -> dict:
    accepted = client.post(f"/{endpoint}", json=body).json()
    client.get(accepted["status_url"] + "/stream", timeout=60)
    return client.get(accepted["response_url"]).json()


@pytest.fixture(scope="module")
def films():
    with Emulator() as provider:
        client = httpx.Client(base_url=provider.url, headers=KEY, trust_env=False, timeout=60)
        image = finished(
            client, IMAGE, {"prompt": "a lighthouse", "image_size": {"width": 640, "height": 360}}
        )
        video = finished(
            client, VIDEO, {"prompt": "slow dolly in", "image_url": image["images"][0]["url"], "duration": 5}
        )
        broken = client.post("/storage/upload/initiate", json={"file_name": "a.png"}).json()
        httpx.put(broken["upload_url"], content=b"no picture", trust_env=False)
        body = {"prompt": "x", "image_url": broken["file_url"]}
        yield client, image, video, finished(client, VIDEO, body)


def test_an_image_has_the_size_asked_for(films, tmp_path):
    client, image, _, _ = films
    path = tmp_path / "a.png"
    path.write_bytes(client.get(image["images"][0]["url"]).content)
    assert (probe(path).width, probe(path).height) == (640, 360)
    assert image["images"][0]["content_type"] == "image/png"


def test_a_video_is_made_of_the_image_and_as_long_as_asked(films, tmp_path):
    client, _, video, _ = films
    path = tmp_path / "a.mp4"
    path.write_bytes(client.get(video["video"]["url"]).content)
    assert abs(probe(path).seconds - 5) < 0.1 and video["video"]["content_type"] == "video/mp4"


def test_an_input_that_is_no_picture_is_refused(films):
    assert films[3]["detail"][0]["type"] == "value_error"
