"""`examples/plugin` is installed as a stranger would install it; its tests pass, and its film is made."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from callsheet.testing import serve

PACKAGE = Path(__file__).parents[1] / "examples" / "plugin"
KEY = "ink-planted-0123456789"


class Installed:
    """The package in an environment of its own, which sees callsheet and what it needs."""

    def __init__(self, folder: Path) -> None:
        self.source = shutil.copytree(PACKAGE, folder / "plugin")
        self.environment = folder / "venv"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", self.environment], check=True)
        self.python = next(self.environment.glob("[Bb]*/python*"))
        self._see_callsheet()
        self._install()

    def _see_callsheet(self) -> None:
        code = "import sysconfig; print(sysconfig.get_path('purelib'))"
        packages = Path(self.run(code).stdout.strip())
        (packages / "callsheet.pth").write_text("\n".join(p for p in sys.path if p), encoding="utf-8")

    def _install(self) -> None:
        """With pip, where something here can build a wheel; else with setuptools alone."""
        if find_spec("pip") and find_spec("wheel"):
            words = ["-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
            words += ["--prefix", str(self.environment), "."]
        else:
            words = ["-c", "import setuptools; setuptools.setup()", "-q", "install"]
            words += ["--single-version-externally-managed", "--record", "installed.txt"]
        done = self._started(*words, cwd=self.source)
        assert done.returncode == 0, done.stdout + done.stderr

    def run(self, code: str) -> subprocess.CompletedProcess[str]:
        return self._started("-c", code, cwd=self.source.parent)

    def callsheet(self, *words: str, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
        return self._started("-m", "callsheet", *words, cwd=cwd, **environ)

    def tests(self) -> subprocess.CompletedProcess[str]:
        """The package's own tests."""
        alone = ["-p", "no:cacheprovider", "--basetemp", str(self.source.parent / "own")]
        return self._started("-m", "pytest", "-q", *alone, "tests", cwd=self.source)

    def _started(self, *words: str, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.python, "-B", *words],
            cwd=cwd,
            env={**os.environ, **environ},
            capture_output=True,
            text=True,
            timeout=240,
        )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return Installed(tmp_path_factory.mktemp("example"))


def test_it_is_installed_and_listed(installed: Installed, tmp_path: Path) -> None:
    where = installed.run("import inkwell; print(inkwell.__file__)").stdout
    assert str(installed.environment) in where
    listed = installed.callsheet("models", "inkwell", "--json", cwd=tmp_path)
    names = {model["endpoint"] for model in json.loads(listed.stdout)["models"]}
    assert names == {"inkwell/title_card", "inkwell/caption", "inkwell/picture"}
    shown = installed.callsheet("models", "show", "inkwell/caption", cwd=tmp_path).stdout
    assert "about   One sentence about a picture, for one cent." in shown
    assert "needs   INKWELL_KEY" in shown and "source: inkwell-callsheet 1.0" in shown


def test_its_own_tests_pass(installed: Installed) -> None:
    done = installed.tests()
    assert done.returncode == 0, done.stdout + done.stderr


def test_its_film_is_previewed_planned_and_bought_once(installed: Installed, tmp_path: Path) -> None:
    sys.path.insert(0, str(PACKAGE / "tests"))
    try:
        from fake_inkwell import FakeInkwell  # type: ignore[import-not-found]
    finally:
        sys.path.remove(str(PACKAGE / "tests"))
    film = shutil.copytree(PACKAGE / "film", tmp_path / "film")
    (film / "callsheet.toml").write_text("")
    preview = installed.callsheet("run", "film.yaml", "--preview", "--output", "plain", cwd=film)
    assert preview.returncode == 0, preview.stderr
    assert "$0.06" in installed.callsheet("plan", "film.yaml", cwd=film).stdout
    fake = FakeInkwell()
    with serve(fake) as url:
        keyed = {"INKWELL_URL": url, "INKWELL_KEY": KEY}
        for words in ("3 made", "3 reused"):
            ran = installed.callsheet("run", "film.yaml", "--yes", "--output", "plain", cwd=film, **keyed)
            assert words in ran.stdout, ran.stdout + ran.stderr
            assert KEY not in ran.stdout + ran.stderr
    assert (len(fake.jobs), fake.captions) == (1, 1)
    assert {path.name for path in (film / "out/inkwell").iterdir()} >= {"picture.png", "card.png"}
