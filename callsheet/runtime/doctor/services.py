"""Keys, plug-ins, and the providers themselves if they are to be asked."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from callsheet.errors import CallsheetError, NodeError, PlugInError
from callsheet.nodes import providers
from callsheet.nodes.http.client import Client
from callsheet.nodes.http.credential import sendable
from callsheet.nodes.http.message import Call, Lost, Unsent
from callsheet.nodes.plugins.listing import broken, installed, packages, unusable
from callsheet.nodes.queue.bills import TellsBalance
from callsheet.nodes.queue.provider import alternatives
from callsheet.runtime.doctor.finding import Finding
from callsheet.spec.money import money
from callsheet.spec.web_origin import Origin

OURS: Final = "CALLSHEET_"
SECONDS: Final = 10.0
"""How long a provider is waited for."""
NETWORK: Final = "check the network, and HTTPS_PROXY if there is a proxy"


def services(online: bool, environ: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """The keys that are set, the plug-ins, and with `online` whether the providers answer."""
    names = providers.every_provider()
    yield from _settings(environ)
    for name in names:
        yield _key(name, environ)
    yield from _plug_ins()
    yield from _node_keys(environ)
    for name in names if online else ():
        yield from _asked(name, environ)


def variables() -> tuple[str, ...]:
    """The environment variables of the keys of all providers, and of the nodes of plug-ins."""
    of_providers = (variable for name in providers.every_provider() for variable in _variables(name))
    return tuple(dict.fromkeys((*of_providers, *_wanted_by_nodes())))


def _wanted_by_nodes() -> dict[str, list[str]]:
    """Environment variable → the nodes of plug-ins that need it."""
    found: dict[str, list[str]] = {}
    for spec in installed():
        for variable in spec.keys:
            found.setdefault(variable, []).append(spec.uses)
    return found


def _variables(name: str) -> tuple[str, ...]:
    found = (variable for names in alternatives(providers.provider_called(name)) for variable in names)
    return tuple(dict.fromkeys(found))


def _settings(environ: Mapping[str, str]) -> Iterator[Finding]:
    """The variables that make callsheet behave in another way; their values may be private."""
    given = sorted(name for name in environ if name.startswith(OURS) and environ[name])
    if given:
        yield Finding("note", "environment", f"{', '.join(given)} {'is' if len(given) == 1 else 'are'} set")


def _key(name: str, environ: Mapping[str, str]) -> Finding:
    """Whether a key is set and can be sent; never what it is."""
    subject, wanted = f"key of {name}", _variables(name)
    choices = " or ".join(" and ".join(names) for names in alternatives(providers.provider_called(name)))
    given = [variable for variable in wanted if environ.get(variable, "").strip()]
    for variable in given:
        try:
            sendable(variable, environ[variable])
        except NodeError as error:
            return Finding("error", subject, error.message, error.next_step)
    if lacking := providers.missing(name, environ):
        step = f"set {lacking} before you buy from {name}; previews need no key"
        return Finding("note", subject, f"{choices} is not set", step)
    return Finding("ok", subject, f"{' and '.join(given)} {'is' if len(given) == 1 else 'are'} set")


def _node_keys(environ: Mapping[str, str]) -> Iterator[Finding]:
    for variable, nodes in _wanted_by_nodes().items():
        subject = f"key of {nodes[0].partition('/')[0]}"
        if environ.get(variable, "").strip():
            yield Finding("ok", subject, f"{variable} is set")
        else:
            step = f"set {variable} before you run {' or '.join(nodes)}; previews need no key"
            yield Finding("note", subject, f"{variable} is not set", step)


def _plug_ins() -> Iterator[Finding]:
    wrong = broken()
    for error in wrong.values():
        yield Finding(
            "error", "plug-ins", error.message, error.next_step or "repair or uninstall its package"
        )
    for name, package in packages().items():
        if name not in wrong:
            yield Finding("ok", "plug-ins", f"{name}, of {package}" if package else name)
    for error in unusable().values():
        yield Finding("warning", "plug-ins", error.message, error.next_step or "repair its package")


def _asked(name: str, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Whether the servers of a provider answer, and whether it takes the key where it tells."""
    try:
        yield from asyncio.run(_answers(name, bool(not providers.missing(name, environ))))
    except CallsheetError as error:
        yield Finding("error", f"{name} online", error.message, error.next_step or NETWORK)
    except TimeoutError:
        yield Finding("error", f"{name} online", "no answer in time", NETWORK)


async def _answers(name: str, keyed: bool) -> list[Finding]:
    queue = providers.queue_of(name)
    servers: Collection[Origin] = queue.servers()
    subject = f"{name} online"
    try:
        found = await asyncio.gather(*(_reached(subject, server) for server in servers))
        if keyed and isinstance(queue, TellsBalance) and all(one.level == "ok" for one in found):
            found += await _balance(subject, queue)
    finally:
        await queue.close()
    return found or [Finding("note", subject, "it does not tell which servers it asks")]


async def _reached(subject: str, server: Origin) -> Finding:
    client = Client(connections=1, keep_alive=0)
    try:
        reply = await client.send(Call("GET", f"{server}/", seconds=SECONDS))
    except (Unsent, Lost) as error:
        return Finding("error", subject, f"{server}: {error}", NETWORK)
    finally:
        await client.close()
    return Finding("ok", subject, f"{server} answers ({reply.status})")


async def _balance(subject: str, queue: TellsBalance) -> list[Finding]:
    try:
        async with asyncio.timeout(SECONDS):
            usd = await queue.balance()
    except NodeError as error:
        level = "error" if error.kind == "rejected" else "note"
        step = error.next_step or "check the key"
        return [Finding("error" if level == "error" else "note", subject, error.message, step)]
    except TimeoutError:
        return []
    return [] if usd is None else [Finding("ok", subject, f"the key is accepted; {money(usd)} of credit")]


def absent(provider: str) -> str:
    """Why a provider that something was bought from cannot be used; "" where it can."""
    try:
        providers.provider_called(provider)
    except PlugInError as error:
        return error.message
    return ""
