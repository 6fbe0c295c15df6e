"""Connects to a Dask scheduler, with the certificates that Dask's own settings name."""

from __future__ import annotations

import contextlib
import logging
import os
import warnings
from typing import Final

from distributed import Client
from distributed.security import Security

from callsheet.errors import InputError
from callsheet.runtime.engines.dask_address import CERTIFICATES

CONNECT: Final = 10.0
"""Seconds in which a scheduler answers."""
QUIET: Final = ("distributed", "distributed.client", "distributed.core", "distributed.comm", "tornado")
"""Loggers that would tell on the terminal what the run tells in its own words."""


async def connected(address: str, scheduler: str) -> Client:
    """A client of the scheduler. address: as the person wrote it. Raises InputError when it does not answer,
    or refuses."""
    if "CALLSHEET_DASK_LOG" not in os.environ:
        for name in QUIET:
            logging.getLogger(name).setLevel(logging.CRITICAL)
    kept = security(address, scheduler)
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
            await client
        except (OSError, TimeoutError, ImportError, ValueError, TypeError) as error:
            with contextlib.suppress(Exception):
                await client.close(timeout=1)
            said = "nothing answers" if isinstance(error, OSError) else f"{error} ".splitlines()[0].strip()
            raise InputError(
                f"{address} cannot be reached: {said}",
                "check that a scheduler runs there, and that this machine reaches it",
            ) from error
    return client


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
