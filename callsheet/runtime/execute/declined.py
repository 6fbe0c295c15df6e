"""Instances whose result a person rejected: nothing is made or bought for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from callsheet.errors import NodeError
from callsheet.spec.node import Job, Outputs

NAME: Final = "declined"


@dataclass(slots=True)
class Declined:
    """Stands in for the provider of declined instances. reasons: address → who rejected it, and why."""

    reasons: Mapping[str, str]
    name: str = NAME
    limit: int = 64

    async def perform(self, job: Job) -> Outputs:
        """Raises NodeError (*declined*)."""
        raise NodeError(self.reasons[job.address], "declined")
