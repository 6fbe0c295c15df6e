"""The lock file: what every instance is made of, and what people decided; committed with the pipeline."""

from callsheet.runtime.lock.model import Block, Lock, Made, Recipe, lock_path
from callsheet.runtime.lock.read import read
from callsheet.runtime.lock.write import text, write

__all__ = ["Block", "Lock", "Made", "Recipe", "lock_path", "read", "text", "write"]
