"""The films in `examples/` have the keys that version 0.1.0 computed for them: they use no newer form.

A film that was rewritten since is passed over.
"""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from callsheet.cli.main import main

EXAMPLES = Path(__file__).parents[2] / "examples"
GOLDEN = json.loads((Path(__file__).parent / "0.1.0" / "examples.json").read_text(encoding="utf-8"))


def test_the_keys_of_the_examples_are_what_they_were(tmp_path, monkeypatch, capsys):
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    (tmp_path / "callsheet.toml").touch()
    monkeypatch.chdir(tmp_path)
    same = 0
    for film, golden in GOLDEN.items():
        path = tmp_path / "examples" / film
        if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != golden["film"]:
            continue
        capsys.readouterr()
        with pytest.raises(SystemExit, match="0"):
            main(["plan", str(path), "--json"])
        steps = json.loads(capsys.readouterr().out)["steps"]
        keys = {step["address"]: step["key"] for step in steps if step["key"]}
        assert keys == golden["keys"], film
        same += len(keys)
    assert same >= 40
