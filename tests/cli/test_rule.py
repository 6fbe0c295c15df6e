"""`callsheet check --rule`: what a rule says, with an example."""

from __future__ import annotations

import pytest

from callsheet.cli.main import main
from callsheet.spec.rule_examples import rule_examples


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stop:
        main(["check", *words])
    out, err = capsys.readouterr()
    return int(stop.value.code or 0), out, err


@pytest.mark.parametrize("code", rule_examples())
def test_every_rule_is_explained(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    number, out, _ = said(capsys, "--rule", code)
    assert number == 0 and out.startswith(f"{code}: ")
    for file in rule_examples()[code].files:
        assert file.text.splitlines()[0] in out
    assert "](" not in out


def test_it_needs_no_pipeline_and_guesses_a_misspelt_code(capsys: pytest.CaptureFixture[str]) -> None:
    number, _, err = said(capsys, "--rule", "parameter-choise")
    assert number == 2 and "did you mean `parameter-choice`?" in err


def test_a_person_at_a_terminal_is_told_of_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    _, _, err = said(capsys, f"{tmp_path}/none.yaml")
    assert "an example: callsheet check --rule file-unreadable" in err
    monkeypatch.setattr("sys.stderr.isatty", lambda: False, raising=False)
    _, _, err = said(capsys, f"{tmp_path}/none.yaml")
    assert "--rule" not in err
