"""Jinja's side of expressions: the node classes of its trees, and what its functions can ask for."""

from jinja2 import nodes, pass_context
from jinja2.runtime import Context

__all__ = ["Context", "nodes", "pass_context"]
