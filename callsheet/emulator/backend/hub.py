"""Hugging Face's part: which fal endpoint serves a repository, and the router in front of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from callsheet.emulator.http.message import Request
from callsheet.emulator.settings import Mapped

ROUTER: Final = "router.huggingface.co"
KNOWN: Final = {
    "tencent/HunyuanVideo": Mapped(endpoint="fal-ai/hunyuan-video", task="text-to-video"),
    "Wan-AI/Wan2.1-T2V-14B": Mapped(endpoint="fal-ai/wan-t2v", task="text-to-video"),
    "Lightricks/LTX-Video": Mapped(endpoint="fal-ai/ltx-video", task="text-to-video"),
    "black-forest-labs/FLUX.1-dev": Mapped(endpoint="fal-ai/flux/dev", task="text-to-image"),
}
OTHERS: Final = ("hf-inference", "novita", "replicate", "together", "wavespeed")
"""Providers behind the router that have their own paths."""
TASKS: Final = (
    (re.compile(r"i2v|image-?to-?video|img2vid", re.I), "image-to-video"),
    (re.compile(r"t2v|video|mochi|cogvideo", re.I), "text-to-video"),
)


class Hub:
    """Knows which endpoint serves a repository: as configured, else one of a few known ones, else an endpoint
    of the repository's own name."""

    def __init__(self, configured: Mapping[str, Mapped]) -> None:
        self._mapped = {**KNOWN, **configured}

    def look_up(self, repo: str) -> Mapped:
        if repo not in self._mapped:
            task = next((task for pattern, task in TASKS if pattern.search(repo)), "text-to-image")
            name = re.sub(r"[^a-z0-9.]+", "-", repo.lower()).strip("-")
            self._mapped[repo] = Mapped(endpoint=f"fal-ai/{name}", task=task)
        return self._mapped[repo]

    def uses_of(self, endpoint: str) -> str | None:
        """`hf/<repo>@<task>` of an endpoint that serves a repository."""
        found = ((repo, m) for repo, m in self._mapped.items() if m.endpoint == endpoint)
        return next((f"hf/{repo}@{mapped.task}" for repo, mapped in found), None)


def routed(request: Request) -> tuple[Request, bool]:
    """Turn a request to the router into the one that the provider gets; and whether it is for the synchronous
    host."""
    provider, _, rest = request.path.lstrip("/").partition("/")
    if provider in OTHERS:
        return request, False
    subdomain = request.asked("_subdomain")
    through = request.host.startswith(ROUTER) or _prefixed(request, rest, bool(subdomain))
    if not through or not rest:
        return request, request.host.startswith(("fal.run", "falrun.com"))
    target = "/" + rest + "?" + request.target.partition("?")[2]
    return replace(request, target=target), request.method == "POST" and subdomain != "queue"


def _prefixed(request: Request, rest: str, subdomain: bool) -> bool:
    """Whether a path starts with a provider's name: the router's address was replaced by ours."""
    if rest.startswith("fal-ai/"):
        return True
    parts = rest.split("/")
    return subdomain and (request.method == "POST" or (len(parts) > 2 and parts[2] == "requests"))
