import json
import signal
import subprocess
import sys

import httpx
import pytest

from callsheet.emulator import Emulator
from callsheet.emulator.faults.fault import Fault
from callsheet.emulator.settings import Latency, read_settings, settings_from
from callsheet.errors import InputError, PipelineError

FILE = """
latency: {min: 1, max: 3}
concurrency: 10
endpoints:
  fal-ai/veo3.1/*: {latency: 60, price: 0.15}
  fal-ai/*: {latency: 5}
faults:
  - submit:lost_reply,nth=3
  - {kind: http_503, on: result, probability: 0.1}
"""


def test_a_file_of_settings(tmp_path):
    path = tmp_path / "emulator.yaml"
    path.write_text(FILE)
    settings = settings_from(read_settings(path))
    assert settings.latency_of("fal-ai/veo3.1/fast") == Latency(min=60, max=60)
    assert settings.latency_of("fal-ai/pika") == Latency(min=5, max=5)
    assert settings.latency_of("bria/x") == Latency(min=1, max=3)
    assert settings.price_of("fal-ai/veo3.1/fast").unit_price == 0.15 and settings.price_of("bria/x") is None
    assert settings.faults[0] == Fault("lost_reply", "submit", nth=3)
    assert settings.faults[1] == Fault("http_503", "result", probability=0.1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("latencies: 2", "latencies: Extra inputs are not permitted"),
        ("latency: soon", "latency"),
        ("faults: [lost_repli]", "there is no fault 'lost_repli'"),
        ("concurrency: 0", "concurrency"),
        ("[1, 2]", "not a mapping"),
    ],
)
def test_settings_that_make_no_sense(tmp_path, text, message):
    path = tmp_path / "emulator.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        settings_from(read_settings(path))


def test_a_file_that_is_no_yaml(tmp_path):
    path = tmp_path / "emulator.yaml"
    path.write_text("latency: [")
    with pytest.raises(PipelineError):
        read_settings(path)


def test_latencies_follow_the_seed():
    def drawn(seed: int) -> list[float]:
        with Emulator(tiny=True, latency={"min": 0, "max": 0.01}, seed=seed) as provider:
            for _ in range(3):
                url = f"{provider.url}/fal-ai/flux/dev"
                httpx.post(url, json={"prompt": "x"}, headers={"Authorization": "Key k"}, trust_env=False)
            return [g.seconds for g in provider.accepted]

    assert drawn(1) == drawn(1) != drawn(2)


def start(*arguments: str) -> subprocess.Popen[str]:
    program = "from callsheet.cli.main import main; main()"
    command = [sys.executable, "-c", program, "emulator", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_the_command_serves_until_it_is_interrupted(tmp_path):
    config = tmp_path / "emulator.yaml"
    config.write_text("listing: {lag: 1}")
    flags = ["--tiny", "--config", str(config), "--fault", "http_503,nth=1", "--latency", "0-1"]
    process = start("--port", "0", *flags)
    try:
        url = process.stdout.readline().split()[-1]
        reply = httpx.post(
            f"{url}/fal-ai/flux/dev", json={}, headers={"Authorization": "Key k"}, trust_env=False
        )
        assert reply.status_code == 503
        assert json.loads(httpx.get(f"{url}/_callsheet/journal", trust_env=False).text)["accepted"] == []
    finally:
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=300)
    assert process.returncode == 0 and "1 paid POSTs, 0 accepted" in output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--latency", "soon"], "--latency soon is no time"),
        (["--fault", "nothing"], "there is no fault 'nothing'"),
        (["--tls-cert", __file__], "belong together"),
        (["--tls-cert", __file__, "--tls-key", __file__], "cannot be used for TLS"),
    ],
)
def test_flags_that_make_no_sense(arguments, message):
    process = start("--port", "0", *arguments)
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 1 and message in output and "Traceback" not in output


def test_a_port_that_is_taken(provider):
    process = start("--port", str(provider.port))
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 1 and f"port {provider.port} cannot be used" in output
