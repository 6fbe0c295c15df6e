"""fal's own JavaScript client, unmodified, against the emulator; npm installs it once per machine."""

import json
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from callsheet.emulator import Emulator

PACKAGE = "@fal-ai/client@1.10.1"
IMAGE = "fal-ai/hunyuan-image/v3/text-to-image"
NODE, NPM = shutil.which("node"), shutil.which("npm")

pytestmark = pytest.mark.skipif(not (NODE and NPM), reason="node and npm are not installed")

START = """
import { createFalClient } from "@fal-ai/client";
const url = process.argv[2], mode = process.argv[3];
const here = (r) => ({ ...r, url: r.url.replace(/^https:\\/\\/[^/]+/, url) });
const fal = createFalClient({ credentials: "k:s", requestMiddleware: async (r) => here(r) });
const input = { prompt: "dawn", seed: 3 };
const say = (value) => console.log(JSON.stringify(value));
"""

SUBSCRIBE = (
    START
    + f"""
const seen = [];
const onQueueUpdate = (update) => seen.push(update.status);
const result = await fal.subscribe("{IMAGE}", {{ input, mode, logs: true, pollInterval: 50, onQueueUpdate }});
say({{ seen, data: result.data, id: result.requestId }});
"""
)

STEPS = (
    START
    + f"""
const {{ request_id: requestId }} = await fal.queue.submit("{IMAGE}", {{ input }});
await fal.queue.subscribeToStatus("{IMAGE}", {{ requestId, mode: "polling", pollInterval: 50 }});
const status = await fal.queue.status("{IMAGE}", {{ requestId, logs: true }});
const result = await fal.queue.result("{IMAGE}", {{ requestId }});
let late = "";
try {{ await fal.queue.cancel("{IMAGE}", {{ requestId }}); }} catch (error) {{ late = error.status; }}
say({{ status: status.status, data: result.data, late }});
"""
)

UPLOAD = (
    START
    + """
say({ url: await fal.storage.upload(new Blob(["P".repeat(1000)], { type: "image/png" })) });
"""
)

FAILS = (
    START
    + f"""
try {{ await fal.subscribe("{IMAGE}", {{ input, pollInterval: 50 }}); }}
catch (error) {{ say({{ status: error.status, detail: error.body.detail }}); }}
"""
)


@pytest.fixture(scope="module")
def packages() -> Path:
    """A folder with the client in its node_modules, kept for the next run."""
    folder = Path(tempfile.gettempdir()) / "callsheet-tests-fal-client-js-1.10.1"
    if not (folder / "node_modules").is_dir():
        fresh = Path(tempfile.mkdtemp(dir=folder.parent))
        cache = ["--cache", str(fresh / "cache")]
        quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(fresh)]
        subprocess.run([str(NPM), "install", *quiet, *cache, PACKAGE], check=True, timeout=120)
        shutil.rmtree(fresh / "cache", ignore_errors=True)
        if folder.exists():
            shutil.rmtree(fresh)
        else:
            fresh.rename(folder)
    return folder


def run(script: str, packages: Path, provider: Emulator, tmp_path: Path, mode: str = "polling") -> dict:
    (tmp_path / "node_modules").symlink_to(packages / "node_modules")
    (tmp_path / "script.mjs").write_text(script)
    command = [str(NODE), str(tmp_path / "script.mjs"), provider.url, mode]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("mode", ["polling", "streaming"])
def test_subscribe(packages, tmp_path, mode):
    with Emulator(tiny=True, latency=0.3) as provider:
        told = run(SUBSCRIBE, packages, provider, tmp_path, mode)
    assert told["id"] == provider.accepted[0].id and told["data"]["seed"] == 3
    assert told["seen"][-1] == "COMPLETED" and "IN_PROGRESS" in told["seen"]
    assert told["data"]["images"][0]["url"].startswith(provider.url)
    assert ("stream" in {r.place for r in provider.requests}) == (mode == "streaming")


def test_submit_status_result_and_a_late_cancel(packages, tmp_path):
    with Emulator(tiny=True, latency=0.2) as provider:
        told = run(STEPS, packages, provider, tmp_path)
    assert told["status"] == "COMPLETED" and told["data"]["seed"] == 3 and told["late"] == 400


def test_upload(packages, tmp_path):
    with Emulator(tiny=True) as provider:
        told = run(UPLOAD, packages, provider, tmp_path)
        file = provider.state.media.find(told["url"])
        assert file is not None and file.path.read_bytes() == b"P" * 1000
        assert not any(r.authorized for r in provider.requests if r.method == "PUT")


def test_a_refusal_by_the_model(packages, tmp_path):
    with Emulator(tiny=True, faults=["content_policy"]) as provider:
        told = run(FAILS, packages, provider, tmp_path)
    assert told["status"] == 422 and told["detail"][0]["type"] == "content_policy_violation"
