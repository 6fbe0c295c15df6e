"""`callsheet emulator`: a fal-compatible provider on this machine, until Ctrl-C."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import click

from callsheet.cli.amounts import Number, Usd
from callsheet.errors import InputError
from callsheet.spec.regular_file import open_regular


@click.command("emulator")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8188, show_default=True, help="0: any free one."
)
@click.option("--config", type=click.Path(dir_okay=False, path_type=Path), help="A YAML file of settings.")
@click.option("--latency", metavar="SECONDS", help="Seconds that a model works: 2, or a random time in 1-5.")
@click.option("--price", type=Usd(), metavar="USD", help="The price of one request.")
@click.option(
    "--concurrency", type=click.IntRange(1), metavar="N", help="How many requests a model works on at once."
)
@click.option(
    "--time-scale",
    type=Number("times", 0.001, 1_000_000, "60"),
    metavar="N",
    help="With 60, a minute of latency takes a second.",
)
@click.option("--seed", type=int, help="The seed of random latencies and faults.")
@click.option("--tiny", is_flag=True, default=None, help="Return media of 64 pixels that need no rendering.")
@click.option(
    "faults", "--fault", multiple=True, metavar="FAULT", help="Such as lost_reply,nth=3; repeatable."
)
@click.option(
    "--tls-cert", type=click.Path(exists=True, dir_okay=False), help="Serve https with this PEM file."
)
@click.option("--tls-key", type=click.Path(exists=True, dir_okay=False), help="The key of --tls-cert.")
def command(
    port: int,
    config: Path | None,
    tls_cert: str | None,
    tls_key: str | None,
    faults: tuple[str, ...],
    latency: str | None,
    **flags: Any,
) -> int:
    """Emulate fal on this machine until Ctrl-C, free of charge. Faults are injected on request."""
    from callsheet.emulator.server import serve
    from callsheet.emulator.settings import read_settings, settings_from

    data = read_settings(config) if config else {}
    data.update({name: value for name, value in flags.items() if value is not None})
    data["faults"] = [*data.get("faults", ()), *faults]
    if latency is not None:
        data["latency"] = _latency(latency)
    settings = settings_from(data, str(config) if config else "the flags")
    return serve(settings, port, _tls(tls_cert, tls_key), click.echo)


def _latency(text: str) -> object:
    low, dash, high = text.partition("-")
    try:
        return {"min": float(low), "max": float(high)} if dash else float(low)
    except ValueError as error:
        raise InputError(f"--latency {text} is no time", "write seconds: 2, or 1-5 for a range") from error


def _tls(certificate: str | None, key: str | None) -> ssl.SSLContext | None:
    if bool(certificate) != bool(key):
        raise InputError("--tls-cert and --tls-key belong together", "give both, or neither for plain http")
    if not certificate or not key:
        return None
    for name in (certificate, key):
        try:
            open_regular(Path(name)).close()
        except OSError as error:
            raise InputError(f"{name} cannot be read: {error.strerror}", "name a PEM file") from None
    from callsheet.emulator.service import tls_context

    return tls_context(certificate, key)
