"""How descriptions of endpoints differ, as text and as JSON values."""

from __future__ import annotations

from collections.abc import Sequence

from callsheet.cli.views.wording import printable
from callsheet.nodes.openapi.drift import Drift
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


def drift_json(found: Sequence[Drifts]) -> list[dict[str, object]]:
    """The same as JSON values."""
    return [
        {
            "endpoint": each.endpoint,
            "compared": [
                {"old": step.old, "new": step.new, "drift": [_drift(d) for d in step.drift]}
                for step in each.compared
            ],
            **({"problem": each.problem} if each.problem else {}),
        }
        for each in found
    ]


def _drift(drift: Drift) -> dict[str, object]:
    return {"what": drift.what, "name": drift.name, "said": drift.said, "breaks": drift.breaks}
