import httpx
import pytest

from callsheet.emulator import Emulator

REPO = "Wan-AI/Wan2.1-T2V-14B"
KEY = {"Authorization": "Bearer hf_test"}


@pytest.fixture
def hub(provider):
    return httpx.Client(base_url=provider.url, headers=KEY, trust_env=False)


@pytest.mark.parametrize(
    ("repo", "endpoint", "task"),
    [
        (REPO, "fal-ai/wan-t2v", "text-to-video"),
        ("someone/New-I2V-5B", "fal-ai/someone-new-i2v-5b", "image-to-video"),
        ("someone/painter", "fal-ai/someone-painter", "text-to-image"),
    ],
)
def test_the_mapping(hub, repo, endpoint, task):
    found = hub.get(f"/api/models/{repo}?expand=inferenceProviderMapping").json()["inferenceProviderMapping"]
    assert found == {"fal-ai": {"status": "live", "providerId": endpoint, "task": task}}


def test_the_mapping_can_be_configured():
    mapped = {"me/mine": {"endpoint": "fal-ai/veo3.1", "task": "text-to-video", "status": "error"}}
    with Emulator(tiny=True, hub=mapped) as provider:
        reply = httpx.get(provider.url + "/api/models/me/mine", trust_env=False).json()
    assert reply["inferenceProviderMapping"]["fal-ai"]["status"] == "error"


def test_the_router_s_prefix_is_dropped_from_urls(hub, provider):
    accepted = hub.post("/fal-ai/fal-ai/wan-t2v?_subdomain=queue", json={"prompt": "x"}).json()
    path = f"/fal-ai/wan-t2v/requests/{accepted['request_id']}"
    assert accepted["response_url"] == provider.url + path
    for prefix in ("/fal-ai", ""):
        hub.get(f"{prefix}{path}/status/stream?_subdomain=queue")
        assert hub.get(f"{prefix}{path}/status?_subdomain=queue").json()["status"] == "COMPLETED"
        assert hub.get(f"{prefix}{path}?_subdomain=queue").json()["video"]["url"]
    assert provider.posts[0].endpoint == "fal-ai/wan-t2v"


def test_the_synchronous_host_answers_with_the_result(hub, provider):
    reply = hub.post("/fal-ai/fal-ai/flux/dev", json={"prompt": "x"})
    assert reply.status_code == 200 and reply.json()["images"][0]["url"]
    direct = hub.post("/fal-ai/flux/dev", json={"prompt": "x"}, headers={"Host": "fal.run"})
    assert direct.json()["images"][0]["url"].startswith("https://v3.fal.media/files/")
    assert [post.place for post in provider.posts] == ["run", "run"]


def test_the_proxy_route_of_the_javascript_client(hub, provider):
    target = "https://queue.fal.run/fal-ai/flux/dev"
    headers = {"x-fal-target-url": target}
    accepted = hub.post("/api/fal/proxy", json={"prompt": "x"}, headers=headers).json()
    assert "/fal-ai/flux/requests/" in accepted["status_url"]
