"""The lock file: which results every instance has, and what people decided; committed with the pipeline."""

from callsheet.runtime.lock.digests import pins
from callsheet.runtime.lock.model import Block, Lock, Made, Recipe
from callsheet.runtime.lock.read import read
from callsheet.runtime.lock.update import Known, schema_digest, updated_lock
from callsheet.runtime.lock.write import text, write
from callsheet.spec.project import lock_path

__all__ = [
    "Block",
    "Known",
    "Lock",
    "Made",
    "Recipe",
    "lock_path",
    "pins",
    "read",
    "schema_digest",
    "text",
    "updated_lock",
    "write",
]
