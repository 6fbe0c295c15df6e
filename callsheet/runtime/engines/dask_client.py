"""Connects to a Dask scheduler, with the certificates that Dask's own settings name."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import warnings
from typing import Final
from urllib.parse import urlsplit

from distributed import Client
from distributed.security import Security

from callsheet.errors import InputError
from callsheet.runtime.engines.dask_address import CERTIFICATES

CONNECT: Final = 10.0
"""Seconds in which a scheduler answers."""
NEXT: Final = "check that a scheduler runs there, and that this machine reaches it"
QUIET: Final = ("distributed", "distributed.client", "distributed.core", "distributed.comm", "tornado")
"""Loggers that would tell on the terminal what the run tells in its own words."""


class Unreached(InputError):
    """No scheduler answers at an address, which may be different in a moment."""

    def __init__(self, address: str, said: str, step: str = NEXT) -> None:
        super().__init__(f"{address} cannot be reached: {said}", step)


async def connected(address: str, scheduler: str) -> Client:
    """A client of the scheduler. address: as the person wrote it. Raises Unreached when it does not answer,
    or refuses, and InputError without certificates."""
    if "CALLSHEET_DASK_LOG" not in os.environ:
        for name in QUIET:
            logging.getLogger(name).setLevel(logging.CRITICAL)
    kept = security(address, scheduler)
    if said := await asyncio.to_thread(_why_unreachable, scheduler):
        raise Unreached(address, said)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        client = Client(
            scheduler,
            asynchronous=True,
            timeout=CONNECT,
            security=kept,
            set_as_default=False,
        )
        try:
            async with asyncio.timeout(CONNECT):  # what speaks otherwise lets Dask wait for ever
                await client
        except Exception as error:  # Dask reads bytes of others as its own, and fails in many ways
            with contextlib.suppress(Exception):
                async with asyncio.timeout(2):
                    await client.close(timeout=1)
            raise Unreached(address, *_not_understood(scheduler, error)) from error
    return client


def _why_unreachable(scheduler: str) -> str:
    """Why no connection to a scheduler can be made, "" where one can. Only silence is waited for."""
    parts = urlsplit(scheduler)
    try:
        socket.create_connection((parts.hostname, parts.port), CONNECT).close()
    except TimeoutError:
        return f"it does not answer within {CONNECT:g} s"
    except ConnectionRefusedError:
        return "nothing listens there"
    except socket.gaierror:
        return f"the name {parts.hostname} is not known here"
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _not_understood(scheduler: str, error: Exception) -> tuple[str, str]:
    """Why what listens there is of no use, and what to do."""
    if isinstance(error, TimeoutError):
        return f"what listens there gives no answer of a scheduler within {CONNECT:g} s", NEXT
    if isinstance(error, MemoryError | OverflowError):  # of the bytes that it was said would come
        return "what listens there is no scheduler", NEXT
    if not isinstance(error, OSError | ValueError):
        return f"{type(error).__name__}: {error} ".partition("\n")[0].strip(), NEXT
    if "certificate" in str(error).lower():
        return "its certificate is not of the authority that is trusted here", f"compare {CERTIFICATES}"
    if scheduler.startswith("tls://"):
        return "it ends the connection", "check that it was started with --protocol tls"
    return "it ends the connection", "if it was started with --protocol tls, write tls:// for dask://"


def foreign(address: str, error: Exception) -> InputError:
    """The error of a scheduler that cannot read what callsheet sends: Dask unpickles in it, so it has to have
    the same modules."""
    said = str(error).partition("\n")[0].partition(". ")[0].strip() or "it does not answer"
    return InputError(
        f"the scheduler at {address} cannot read what callsheet sends: {said}",
        "start it with a Python that has the same callsheet: pip install 'callsheet[dask]' beside it",
    )


def security(address: str, scheduler: str) -> Security | None:
    """The certificates for a scheduler with TLS; None for one without. Raises InputError where there are
    none."""
    if not scheduler.startswith("tls://"):
        return None
    try:
        kept = Security(require_encryption=True)
        if kept.tls_ca_file:
            kept.get_connection_args("client")
            return kept
        said = "no certificate is named"
    except (OSError, ValueError, TypeError) as error:
        said = str(error)
    raise InputError(
        f"{address} needs certificates: {said}",
        f"set {CERTIFICATES} and its like, as docs/scale.md shows",
    )
