"""The lock file: which results every instance has, and what people decided; committed with the pipeline."""

from callsheet.runtime.lock.digests import pins
from callsheet.runtime.lock.model import Block, Decision, Lock, Made, Recipe
from callsheet.runtime.lock.update import Known, schema_digest, updated_lock
from callsheet.spec.project import lock_path

__all__ = [
    "Block",
    "Decision",
    "Known",
    "Lock",
    "Made",
    "Recipe",
    "lock_path",
    "pins",
    "schema_digest",
    "updated_lock",
]
