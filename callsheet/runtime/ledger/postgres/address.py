"""Addresses of ledgers: `postgresql://user@host/database?project=film`, and whether one may be used.

The ledger holds prompts and links to results. So a server that is not on this machine has to prove who it is
(TLS with `sslmode=verify-full`), or a person has to give their word for the network.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl

from callsheet.errors import InputError
from callsheet.spec.project import LEDGER_VARIABLE

TRUST: Final = "CALLSHEET_TRUST_NETWORK"
EXAMPLE: Final = f"write {LEDGER_VARIABLE}=postgresql://user@host/database?project=film"
PROJECT: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,49}")
VERIFIED: Final = "verify-full"
SYSTEM_ROOTS: Final = 160000
"""The version of libpq from which on it finds the certificates of the system."""


@dataclass(frozen=True, slots=True)
class Address:
    """A project on a server. parameters: those of the connection, as libpq names them. project: its name
    there. named: the address names it; else the folder of the project does. shown: for people, without a
    password."""

    parameters: Mapping[str, str]
    project: str
    named: bool
    shown: str

    @property
    def schema(self) -> str:
        """The schema that the tables of the project are in."""
        return f"callsheet_{self.project}"


def address_of(url: str, folder: str, environ: Mapping[str, str] = os.environ) -> Address:
    """The address that `url` names. folder: the name of the project's folder, for one that names no project.

    Raises InputError for a wrong one, for one that is neither safe nor trusted, and without psycopg.
    """
    scheme, slashes, rest = url.partition("://")
    if not slashes or scheme not in ("postgresql", "postgres"):
        raise InputError(f"{LEDGER_VARIABLE} is no address of a Postgres server", EXAMPLE)
    if find_spec("psycopg") is None:
        raise InputError(f"{LEDGER_VARIABLE} needs the package psycopg", "pip install 'callsheet[team]'")
    place, _, query = rest.partition("?")
    pairs = [pair for pair in query.split("&") if pair]
    projects = [value for _, value in parse_qsl("&".join(filter(_is_project, pairs)), keep_blank_values=True)]
    plain = "&".join(pair for pair in pairs if not _is_project(pair))
    _require_divided(place)
    parameters = _parameters(f"{scheme}://{place}?{plain}")
    _require_ports(parameters)
    project = _project(projects, folder)
    parameters = _safe(parameters, environ)
    place = f"{parameters.get('host', '') or 'this machine'}/{parameters.get('dbname', '')}"
    return Address(parameters, project, bool(projects), f"postgresql://{place} (project {project})")


def _is_project(pair: str) -> bool:
    return pair.partition("=")[0] == "project"


def _parameters(url: str) -> dict[str, str]:
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        return {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    except ProgrammingError:  # its text repeats the address, with the password
        raise InputError(f"{LEDGER_VARIABLE} is no address of a Postgres server", EXAMPLE) from None


def _require_divided(place: str) -> None:
    """Raises InputError where a sign of a password ends it too early: the rest of it would count as the name
    of a host or database, which messages show."""
    authority, _, path = place.partition("/")
    if authority.count("@") > 1 or "@" in path:
        raise InputError(
            f"{LEDGER_VARIABLE} is no address of a Postgres server: it has an @ too many, or one too late",
            "give the password in PGPASSWORD or ~/.pgpass, or write its signs as %40 (@), %2F (/), %3F (?)",
        )


def _require_ports(parameters: Mapping[str, str]) -> None:
    """Raises InputError for a port that is none."""
    for port in filter(None, parameters.get("port", "").split(",")):
        if not (re.fullmatch("[0-9]{1,5}", port) and 0 < int(port) < 65536):
            raise InputError(
                f"{LEDGER_VARIABLE} names a port that is none",
                "a port is a number from 1 to 65535: host:5432",
            )


def _project(named: list[str], folder: str) -> str:
    if not named:
        return re.sub(r"[^a-z0-9_-]+", "_", folder.lower()).strip("_-")[:50] or "project"
    if len(named) > 1 or not PROJECT.fullmatch(named[0]):
        raise InputError(
            f"{LEDGER_VARIABLE} names no project: {' and '.join(named)[:80]!r}",
            "a name has up to 50 lower-case letters, digits, - and _: ?project=film",
        )
    return named[0]


def _safe(parameters: dict[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """The parameters with what makes them safe. Raises InputError for what is neither safe nor trusted."""
    hosts = parameters.get("hostaddr") or parameters.get("host") or environ.get("PGHOST", "")
    if "service" not in parameters and all(map(_is_here, hosts.split(","))):
        return parameters
    mode = parameters.get("sslmode") or environ.get("PGSSLMODE") or VERIFIED
    if mode != VERIFIED and environ.get(TRUST) != "1":
        raise InputError(
            f"the ledger is on another machine, and sslmode={mode} does not prove which one",
            f"write sslmode={VERIFIED}, or set {TRUST}=1 if nobody else is in that network",
        )
    parameters = {**parameters, "sslmode": mode}
    if mode == VERIFIED and not (parameters.get("sslrootcert") or environ.get("PGSSLROOTCERT")):
        from psycopg import pq

        if pq.version() >= SYSTEM_ROOTS and not (Path.home() / ".postgresql" / "root.crt").exists():
            parameters["sslrootcert"] = "system"
    return parameters


def _is_here(host: str) -> bool:
    if host in ("", "localhost") or host.startswith(("/", "@")):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
