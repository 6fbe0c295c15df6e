"""The film that a cut is taken over for, also where the cut that it shows now is missing or broken."""

from __future__ import annotations

from collections.abc import Callable

from callsheet.dsl.cuts.without import cuts_left_out
from callsheet.dsl.graph import Graph
from callsheet.errors import PipelineError


def film_to_conform(load: Callable[[], Graph]) -> Graph:
    """The film that `load` checks; where it has errors, without the cut that it shows, which is written anew.

    Raises PipelineError for what is wrong besides.
    """
    try:
        return load()
    except PipelineError:
        with cuts_left_out():
            return load()
