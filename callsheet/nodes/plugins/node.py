"""Builds the spec of a node from a function."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from callsheet.errors import PlugInError
from callsheet.nodes.plugins.call import call
from callsheet.nodes.plugins.signature import Signature, read_signature
from callsheet.plugin import DECLARED, NodeOptions
from callsheet.spec.media import Facts
from callsheet.spec.node import NodeSpec, Parameters
from callsheet.spec.price.price import Price
from callsheet.spec.price.quantity import UNITS
from callsheet.spec.price.rule import Rate

VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
PAID: Final = "/nodes"
"""How the provider of the nodes of a plug-in that cost money ends: `aqua/nodes`. It is part of their keys."""


def node_spec(uses: str, function: Callable[..., Any], version: str, root: Path, source: str) -> NodeSpec:
    """The spec of a node that `function` makes.

    version: part of the keys of its results, if they cost nothing. root: the folder or file of the plug-in.
    Raises PlugInError.
    """
    signature = read_signature(uses, function)
    options: NodeOptions = getattr(function, DECLARED, NodeOptions())
    stand_in = _stand_in(uses, options, signature)
    price = _price(uses, options)
    return NodeSpec(
        uses=uses,
        provider="local" if price is None else _provider(uses),
        task="plug-in",
        inputs=signature.inputs,
        outputs=signature.outputs,
        facts=_nothing,
        price=price,
        summary=signature.summary,
        source=source,
        version=version if price is None else "",
        perform=partial(call, signature, root),
        keys=_keys(uses, options),
        stand_in=partial(call, stand_in, root) if stand_in else None,
    )


def require_counted(uses: str, price: Price | None) -> None:
    """Raises PlugInError for a price in a unit that nothing counts, or with a condition that never holds."""
    if price is None:
        return
    rates, factors = (rate.when for rate in price.rates), (factor.when for factor in price.factors)
    for when in (*rates, *factors, *(extra.when for extra in price.extras)):
        for name, values in when.items():
            if not isinstance(values, tuple):
                raise PlugInError(
                    f"the price of `{uses}` counts where {name} is {values!r}, which is no tuple of values",
                    f"write {{{name!r}: ({values!r},)}}",
                )
    if price.unit not in UNITS:
        raise PlugInError(
            f"the price of `{uses}` is for each `{price.unit}`, which nothing counts",
            f"its unit is one of {', '.join(UNITS)}",
        )


def _provider(uses: str) -> str:
    if uses.startswith("."):
        raise PlugInError(
            f"`{uses}` costs money, and only a node of an installed package can", "make a package of it"
        )
    return uses.partition("/")[0] + PAID


def _price(uses: str, options: NodeOptions) -> Price | None:
    match options.price:
        case Price() | None:
            price = options.price
        case int() | float() if options.price >= 0:
            price = Price("request", (Rate(float(options.price), {}),))
        case _:
            raise PlugInError(
                f"the price of `{uses}` is {options.price!r}", "give USD for each call, or a Price"
            )
    require_counted(uses, price)
    return price


def _keys(uses: str, options: NodeOptions) -> tuple[str, ...]:
    for name in options.keys:
        if not isinstance(name, str) or not VARIABLE.match(name):
            raise PlugInError(
                f"`{uses}` has the key {name!r}, which is no name of an environment variable",
                'write keys=("AQUA_KEY",)',
            )
    return options.keys


def _stand_in(uses: str, options: NodeOptions, signature: Signature) -> Signature | None:
    """The signature of what takes its place in a preview. Raises PlugInError unless it is the same."""
    if options.preview is None:
        return None
    found = read_signature(f"the preview of {uses}", options.preview)
    if found.inputs.keys() != signature.inputs.keys() or found.outputs != signature.outputs:
        raise PlugInError(
            f"the preview of `{uses}` has other parameters or results than `{uses}` itself",
            "give both functions the same",
        )
    return found


def _nothing(_: Parameters) -> Mapping[str, Facts]:
    return {}
