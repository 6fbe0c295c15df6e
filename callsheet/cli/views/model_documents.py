"""How descriptions of endpoints differ, as text and as JSON values."""

from __future__ import annotations

from collections.abc import Sequence

from callsheet.cli.views.wording import printable
from callsheet.runtime.model_documents import Drifts


def drift_text(found: Sequence[Drifts]) -> str:
    """How the descriptions of each endpoint differ."""
    lines = []
    for each in found:
        lines.append(each.endpoint)
        for step in each.compared:
            lines.append(f"  {step.old} → {step.new}" + ("" if step.drift else ": no difference"))
            lines += [f"    {printable(str(drift))}" for drift in step.drift]
        if each.problem:
            lines.append(f"  {printable(each.problem)}")
    return "\n".join(lines)
