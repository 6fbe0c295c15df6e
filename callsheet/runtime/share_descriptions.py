"""Puts what a film is described with into the shared store: its recipes from git and its models."""

from __future__ import annotations

from pathlib import Path

from callsheet.dsl.graph import Graph
from callsheet.runtime.lock import Lock
from callsheet.runtime.model_records import records_called
from callsheet.runtime.recipes.shared_recipes import give_recipes
from callsheet.runtime.remote_store.push import UPLOADS_LATER
from callsheet.runtime.remote_store.shared_models import give_models


def share_descriptions(graph: Graph, lock: Lock, state: Path, store: str) -> tuple[str, ...]:
    """Put the recipes that `lock` pins and the models that `graph` calls into `store`, unless it has them.
    With them, a film can be made from its lock file when they have changed, or are gone. Returns what could
    not be put there, for the user."""
    said = (
        give_recipes(lock.recipes.values(), state, store),
        give_models(records_called(graph).values(), store),
    )
    return tuple(f"{problem}; {UPLOADS_LATER}" for problem in said if problem)
