"""Texts in columns of a terminal, so that what differs stays readable."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size

from callsheet.cli.views.wording import printable


def fitted(text: str, width: int) -> str:
    """`text` in exactly `width` cells, cut with an ellipsis."""
    text = printable(text)
    return set_cell_size(text if cell_len(text) <= width else set_cell_size(text, width - 1) + "…", width)


def fitted_address(address: str, width: int, shared: int = 0) -> str:
    """`address` in exactly `width` cells, without what says least.

    shared: how many characters all addresses of the node begin with. They are left out first; where that is
    not enough, the middle of the rest.
    """
    address = printable(address)
    excess = cell_len(address) - width + 1
    if excess <= 1:
        return set_cell_size(address, width)
    node = address.find('["')
    head = min(len(address) // 3 if node < 0 else node + 2, width // 2)
    before = head if shared - head >= excess else head + max(width - 1 - head, 0) // 2
    start = set_cell_size(address, before)
    end = address
    while end and cell_len(start) + 1 + cell_len(end) > width:
        end = end[1:]
    return set_cell_size(f"{start}…{end}", width)
