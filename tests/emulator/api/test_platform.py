import time
from datetime import UTC, datetime

import httpx
import pytest

from callsheet.emulator import Emulator

KEY = {"Authorization": "Key test"}
IMAGE = "fal-ai/hunyuan-image/v3/text-to-image"
LISTING = f"/v1/models/requests/by-endpoint?endpoint_id={IMAGE}"


def test_the_listing_has_ended_requests_with_their_payloads(client, done):
    accepted = done("one")
    plain, full = client.get(LISTING).json(), client.get(LISTING + "&expand=payloads").json()
    assert [item["request_id"] for item in plain["items"]] == [accepted["request_id"]]
    assert "json_input" not in plain["items"][0]
    assert full["items"][0]["json_input"] == {"prompt": "one"} and full["items"][0]["status_code"] == 200
    assert client.get(LISTING + "x").json()["items"] == []
    assert client.get("/v1/models/requests/by-endpoint").status_code == 422


@pytest.mark.parametrize(("lag", "shown"), [(600, 0), (0, 1)])
def test_the_listing_lags(lag, shown):
    with Emulator(tiny=True, listing={"lag": lag}) as provider:
        client = httpx.Client(base_url=provider.url, headers=KEY, trust_env=False)
        accepted = client.post(f"/{IMAGE}", json={"prompt": "x"}).json()
        client.get(accepted["status_url"] + "/stream")
        assert len(client.get(LISTING).json()["items"]) == shown


def test_the_listing_shows_nothing_that_still_runs():
    with Emulator(tiny=True, latency=600, listing={"lag": 0}) as provider:
        client = httpx.Client(base_url=provider.url, headers=KEY, trust_env=False)
        client.post(f"/{IMAGE}", json={"prompt": "x"})
        assert client.get(LISTING).json()["items"] == []


def test_a_listing_can_be_configured_to_show_running_requests():
    with Emulator(tiny=True, latency=30, listing={"ended_only": False}) as provider:
        client = httpx.Client(base_url=provider.url, headers=KEY, trust_env=False)
        client.post(f"/{IMAGE}", json={"prompt": "x"})
        assert client.get(LISTING).json()["items"][0]["ended_at"] is None


def test_the_listing_has_pages_newest_first(client, done):
    ids = [done(str(i))["request_id"] for i in range(5)]
    seen, cursor = [], "0"
    while cursor is not None:
        page = client.get(LISTING + f"&limit=2&cursor={cursor}").json()
        seen += [item["request_id"] for item in page["items"]]
        cursor = page["next_cursor"]
        assert page["has_more"] == (cursor is not None)
    assert seen == ids[::-1]
    assert client.get(LISTING + "&limit=101").status_code == 422


def test_the_listing_has_a_window_and_outcomes(provider, client, done):
    first = done("one")
    time.sleep(0.01)
    middle = datetime.now(UTC).isoformat()
    time.sleep(0.01)
    provider.fault("content_policy")
    second = done("two")

    def listed(**asked: str) -> list[str]:
        return [
            i["request_id"]
            for i in client.get(LISTING, params={"endpoint_id": IMAGE, **asked}).json()["items"]
        ]

    assert listed(end=middle) == [first["request_id"]] and listed(start=middle) == [second["request_id"]]
    assert listed(status="success") == [first["request_id"]]
    assert listed(status="user_error") == [second["request_id"]] and listed(status="error") == []
    assert client.get(LISTING, params={"endpoint_id": IMAGE, "start": "noon"}).status_code == 422


def test_prices_come_from_the_catalogue_or_the_settings(client):
    url = f"/v1/models/pricing?endpoint_id={IMAGE}&endpoint_id=none"
    assert client.get(url).json()["prices"] == [
        {"endpoint_id": IMAGE, "unit_price": 0.1, "unit": "megapixel", "currency": "USD"}
    ]
    price = {"unit_price": 0.5, "unit": "image", "units": 3}
    with Emulator(tiny=True, endpoints={"fal-ai/hunyuan*": {"price": price}}) as provider:
        other = httpx.Client(base_url=provider.url, headers=KEY, trust_env=False)
        assert other.get(url).json()["prices"][0]["unit_price"] == 0.5
        accepted = other.post(f"/{IMAGE}", json={"prompt": "x"}).json()
        other.get(accepted["status_url"] + "/stream")
        assert other.get(accepted["response_url"]).headers["x-fal-billable-units"] == "3"


def test_billing_follows_the_formula_and_bills_no_failure(provider, client, done):
    good = done("one")
    provider.fault("content_policy")
    done("two")
    events = client.get("/v1/models/billing-events").json()["billing_events"]
    assert [event["request_id"] for event in events] == [good["request_id"]]
    megapixels = 1024 * 1024 / 1e6
    assert abs(events[0]["output_units"] - megapixels) < 1e-4
    assert abs(events[0]["cost_estimate_nano_usd"] - megapixels * 0.1 * 1e9) < 1e5
    assert client.get("/v1/models/billing-events?request_id=none").json()["billing_events"] == []


def test_models_by_id(client):
    found = client.get(f"/v1/models?endpoint_id={IMAGE}&endpoint_id=none").json()["models"]
    assert [m["endpoint_id"] for m in found] == [IMAGE] and found[0]["metadata"]["status"] == "active"


def test_a_wrong_method_is_405(client):
    assert client.delete(LISTING).status_code == 405
    assert client.get("/fal-ai").status_code == 404
