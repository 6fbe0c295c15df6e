"""The tree of an expression: the node classes of Jinja's parser."""

from jinja2 import nodes

__all__ = ["nodes"]
