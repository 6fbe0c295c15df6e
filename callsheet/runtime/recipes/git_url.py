"""Parses the URL of a recipe in git: `git+https://host/repository@ref#path/board.yaml`."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from callsheet.dsl.resolve.recipe_files import GIT
from callsheet.spec.rules import recipes as rules
from callsheet.spec.rules.rule import Problem

FORM: Final = "git+https://host/repository@ref#path/board.yaml"
PARTS: Final = re.compile(r"git\+(?P<url>[^#\s]+)@(?P<ref>[^@#\s]+)#(?P<path>[^#\s]+)\Z")
URL: Final = re.compile(
    r"(?P<scheme>[a-z]+)://(?:(?P<user>[^@/]*)@)?(?P<host>[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]{1,5})?)?(?P<path>/[^@?]*)\Z"
)
USER: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\Z")
REF: Final = re.compile(r"(?!.*(?:\.\.|//|\.lock(?:/|\Z)))[A-Za-z0-9_][A-Za-z0-9_./+-]{0,199}\Z")
STEP: Final = re.compile(r"(?!\.)[^/\\]+\Z")
COMMIT: Final = re.compile(r"[0-9a-f]{40}\Z")
ALLOW_FILE: Final = "CALLSHEET_GIT_FILE"


@dataclass(frozen=True, slots=True)
class GitUse:
    """scheme: "https", "ssh" or "file". path: of the recipe inside the repository."""

    scheme: str
    url: str
    ref: str
    path: str

    @property
    def pin(self) -> str:
        """Its name in the lock file: all recipes of a repository at one ref are pinned together."""
        return f"{GIT}{self.url}@{self.ref}"

    @property
    def host(self) -> str:
        """The host that a fetch connects to: `github.com`; "this machine" for a local repository."""
        return urlsplit(self.url).hostname or "this machine"

    @property
    def is_commit(self) -> bool:
        return COMMIT.match(self.ref) is not None


def at_pin(pin: str) -> GitUse | Problem:
    """The repository and the ref of a pin, or why they are not valid. path: of no file."""
    return named(f"{pin}#any.yaml")


def named(uses: str, foreign: bool = False) -> GitUse | Problem:
    """The parsed `uses`, or why it is not valid. foreign: it is written in a recipe from git."""
    parts = PARTS.match(uses)
    url = URL.match(parts["url"]) if parts else None
    if parts is None or url is None:
        return rules.not_a_git_recipe(FORM)
    if (problem := _unusable(url, foreign)) is not None:
        return problem
    if not REF.match(parts["ref"]):
        return rules.not_a_ref(parts["ref"], FORM)
    path = parts["path"]
    if not path.endswith((".yaml", ".yml")) or not all(STEP.match(step) for step in path.split("/")):
        return rules.not_a_path(path, FORM)
    return GitUse(url["scheme"], parts["url"], parts["ref"], path)


def _unusable(url: re.Match[str], foreign: bool) -> Problem | None:
    scheme, user, host = url["scheme"], url["user"], url["host"]
    if scheme not in ("https", "ssh", "file"):
        return rules.scheme_not_used(scheme)
    if scheme == "file" and (foreign or os.environ.get(ALLOW_FILE) != "1"):
        return rules.local_repository("" if foreign else ALLOW_FILE)
    if (scheme == "file") != (host is None):
        return rules.not_a_git_recipe(FORM)
    if user is not None and (scheme != "ssh" or not USER.match(user)):
        return rules.credentials_in_url()
    return None
