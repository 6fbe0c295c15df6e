"""Which page of the documentation is about which command; its `--help` names it."""

from __future__ import annotations

from typing import Final

PAGES: Final[dict[str, str]] = {
    "init": "docs/guide.md#a-first-film",
    "check": "docs/rules.md",
    "graph": "docs/language.md#references",
    "models": "docs/costs.md#choosing-a-model",
    "recipes": "docs/recipes.md",
    "test": "docs/language.md#a-recipe-for-others",
    "substitute": "docs/guide.md#another-model",
    "schema": "docs/json.md",
    "doctor": "docs/operations.md#doctor",
    "plan": "docs/guide.md#plan-and-reuse",
    "explain": "docs/guide.md#plan-and-reuse",
    "diff": "docs/teams.md#pull-requests",
    "run": "docs/operations.md#what-a-run-promises",
    "resume": "docs/operations.md#what-a-run-promises",
    "cancel": "docs/operations.md#what-a-run-promises",
    "worker": "docs/scale.md#several-machines-for-the-cpu-work-engines",
    "engine": "docs/scale.md#several-machines-for-the-cpu-work-engines",
    "open": "docs/guide.md#for-real",
    "origin": "docs/guide.md#where-a-file-came-from",
    "report": "docs/report.md",
    "export": "docs/editors.md",
    "conform": "docs/editors.md#the-way-back",
    "takes": "docs/guide.md#takes-approvals-fallbacks",
    "pick": "docs/guide.md#takes-approvals-fallbacks",
    "retake": "docs/guide.md#takes-approvals-fallbacks",
    "approve": "docs/language.md#where-a-person-decides",
    "reject": "docs/teams.md#decisions",
    "notes": "docs/review.md",
    "watch": "docs/review.md",
    "review": "docs/review.md",
    "lock": "docs/guide.md#working-together",
    "log": "docs/teams.md#what-happened",
    "merge-driver": "docs/teams.md#merging",
    "archive": "docs/operations.md#an-archive",
    "cache": "docs/operations.md#the-store",
    "runs": "docs/operations.md#what-a-run-promises",
    "show": "docs/operations.md#what-a-run-promises",
    "costs": "docs/costs.md",
    "reconcile": "docs/operations.md#unknown-outcomes",
    "adopt-state": "docs/operations.md#state-in-another-folder",
    "emulator": "docs/emulator.md",
}
"""Command → page, with the section where the page is about more."""
OTHER: Final = "docs/commands.md"
"""The page that has every command."""
