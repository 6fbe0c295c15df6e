"""What the providers billed, as lines."""

from __future__ import annotations

from collections.abc import Iterator

from callsheet.cli.views.wording import printable
from callsheet.runtime.bills import Bills
from callsheet.spec.money import money
from callsheet.spec.plural import plural


def bill_lines(found: Bills) -> Iterator[str]:
    """What is new, what differs a lot, and what nobody tells yet."""
    for provider, problem in found.problems.items():
        yield printable(f"{provider} tells no bills: {problem}")
    if found.new:
        usd = sum(bill.usd for bill in found.new)
        yield f"{plural(len(found.new), 'bill')} read: {money(usd)}, {_expected(found)}"
    for bill in found.new:
        if bill.far:
            yield printable(f"ATTENTION: {bill}")
    if found.strangers:
        bills = plural(found.strangers, "bill")
        yield f"{bills} of requests that nobody here knows; they do not count"
    if found.missing:
        yield f"{plural(found.missing, 'request')} without a bill yet"


def _expected(found: Bills) -> str:
    """`$0.40 were expected`, without the calls whose price nobody knew."""
    known = [bill.expected for bill in found.new if bill.expected is not None]
    unknown = len(found.new) - len(known)
    if not known:
        return "for calls of unknown price"
    return f"{money(sum(known))} were expected" + (f" and {unknown} of unknown price" if unknown else "")
