"""The example of each rule breaks this rule and no other, and put right it breaks none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from callsheet import check
from callsheet.dsl.diagnostics.diagnostic import Diagnostic
from callsheet.errors import PipelineError
from callsheet.spec.rule_examples import PIPELINE, ExampleFile, rule_examples
from callsheet.spec.rules.catalogue import by_subject

RULES = [rule.code for rules in by_subject().values() for rule in rules]
SHOWN = [code for code, example in rule_examples().items() if example.files]
BODY = "nodes:\n  still: {uses: fal-ai/flux/schnell, with: {prompt: a boat}}\n"


def codes_of(folder: Path, files: Sequence[ExampleFile]) -> list[str]:
    """The codes of all that callsheet says of these files; parts that every pipeline has are added."""
    folder.mkdir()
    (folder / "callsheet.toml").touch()
    for file in files:
        (folder / file.name).write_text(file.text, encoding="utf-8", newline="\n")
    pipeline = folder / PIPELINE
    text = pipeline.read_text(encoding="utf-8") if pipeline.exists() else ""
    head = "" if "callsheet: " in text else "callsheet: 1\n"
    pipeline.write_text(f"{head}{text}{'' if 'nodes:' in text else BODY}", encoding="utf-8", newline="\n")
    return [diagnostic.code for diagnostic in said(pipeline)]


def said(pipeline: Path) -> Sequence[Diagnostic]:
    try:
        return check(pipeline).diagnostics
    except PipelineError as error:
        return error.diagnostics


def test_every_rule_has_its_words_in_the_order_of_the_rules() -> None:
    assert list(rule_examples()) == RULES
    assert [code for code, example in rule_examples().items() if not example.words] == []


def test_most_rules_have_an_example() -> None:
    assert len(SHOWN) >= 65


@pytest.mark.parametrize("code", SHOWN)
def test_the_wrong_example_breaks_this_rule_alone(code: str, tmp_path: Path) -> None:
    assert set(codes_of(tmp_path / "film", rule_examples()[code].side("wrong"))) == {code}


@pytest.mark.parametrize("code", SHOWN)
def test_the_right_example_breaks_no_rule(code: str, tmp_path: Path) -> None:
    assert codes_of(tmp_path / "film", rule_examples()[code].side("right")) == []
