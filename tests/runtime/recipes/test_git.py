"""Recipes in git, from repositories on this machine: pinned, offline, and what moves is noticed."""

import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from callsheet import Checked, check
from callsheet.cli import main as cli
from callsheet.runtime.outdated_recipes import newer_version
from callsheet.runtime.recipes.cache import tree_digest
from callsheet.runtime.recipes.git_fetch import RefusedError, Remote
from callsheet.runtime.recipes.git_url import GitUse, named
from callsheet.runtime.recipes.shared_recipes import give_recipes
from callsheet.spec.permissions import PERMISSIONS, Permissions
from callsheet.spec.rules.rule import Problem
from tests.lock_files import read

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
HUNYUAN = "fal-ai/hunyuan-image/v3/text-to-image"
BOARD = """
callsheet: 1
inputs: {hero: {type: string}}
nodes:
  card: {uses: fal-ai/hunyuan-image/v3/text-to-image, with: {prompt: "${{ inputs.hero }}"}}
outputs: {card: "${{ card.images[0] }}"}
"""
ENV = {
    **os.environ,
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_{what}": "x@x.test" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}


class Repo:
    """A repository of recipes in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *words: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=self.folder, env=ENV, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def commit(self, **files: str) -> str:
        for name, text in files.items():
            path = self.folder / name.replace("__", "/").replace("_yaml", ".yaml")
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "x")
        return self.git("rev-parse", "HEAD")

    def uses(self, ref: str = "main", path: str = "board.yaml") -> str:
        return f"git+file://{self.folder}@{ref}#{path}"


@pytest.fixture
def asked() -> Iterator[None]:
    """Nobody said `--fetch`."""
    token = PERMISSIONS.set(Permissions())
    yield
    PERMISSIONS.reset(token)


@pytest.fixture(autouse=True)
def fetched() -> Iterator[None]:
    """As with `--fetch`."""
    token = PERMISSIONS.set(Permissions(fetch="any"))
    yield
    PERMISSIONS.reset(token)


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    monkeypatch.setenv("CALLSHEET_GIT_FILE", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    found = Repo(tmp_path / "recipes")
    found.commit(board_yaml=BOARD)
    return found


Film = Callable[..., Checked]


@pytest.fixture
def film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Film:
    """film(uses, **params) → the check of a film in a project that uses it."""
    project = tmp_path / "project"
    project.mkdir()
    monkeypatch.chdir(project)

    def film(uses: str, given: str = "{hero: a dog}") -> Checked:
        Path("film.yaml").write_text(f'callsheet: 1\nnodes:\n  a: {{uses: "{uses}", with: {given}}}\n')
        return check("film.yaml")

    return film


def codes(checked: Checked) -> list[str]:
    return [d.code for d in checked.diagnostics]


def address_of(checked: Checked) -> list[str]:
    assert checked.graph is not None, [(d.code, d.message, d.help) for d in checked.diagnostics]
    return list(checked.graph.instances)


def test_the_commit_and_what_came_are_pinned(repo: Repo, film: Film) -> None:
    commit = repo.git("rev-parse", "HEAD")
    assert address_of(film(repo.uses())) == ["a/card"]
    ((pin, recipe),) = read(Path("film.lock.yaml")).recipes.items()
    assert pin == f"git+file://{repo.folder}@main"
    folder = Path(".callsheet/recipes") / commit
    assert (recipe.commit, recipe.tree) == (commit, tree_digest(folder))
    assert sorted(p.name for p in folder.rglob("*")) == ["board.yaml"]


def test_a_short_name_of_the_project_is_the_repository(repo: Repo, film: Film) -> None:
    place = f"git+file://{repo.folder}@main"
    Path("callsheet.toml").write_text(f'[recipes]\nlooks = "{place}"\n')
    assert address_of(film("recipe/looks/board.yaml")) == ["a/card"]
    assert list(read(Path("film.lock.yaml")).recipes) == [place]
    checked = film("recipe/lokks/board.yaml")
    assert codes(checked) == ["recipe-missing"] and "[recipes] lokks" in checked.diagnostics[0].help


def test_a_short_name_opens_no_connection(asked: None, repo: Repo, film: Film) -> None:
    Path("callsheet.toml").write_text(f'[recipes]\nlooks = "git+file://{repo.folder}@main"\n')
    assert codes(film("recipe/looks/board.yaml")) == codes(film(repo.uses())) == ["recipe-missing"]
    assert not Path(".callsheet").exists()


def test_a_recipe_from_git_does_not_see_the_names_of_its_user(repo: Repo, film: Film) -> None:
    Path("house").mkdir()
    Path("house/card.yaml").write_text(BOARD)
    Path("callsheet.toml").write_text('[recipes]\nhouse = "house"\n')
    inside = "callsheet: 1\nnodes: {x: {uses: recipe/house/card.yaml, with: {hero: a}}}\n"
    assert address_of(film("recipe/house/card.yaml")) == ["a/card"]
    repo.commit(board_yaml=inside)
    assert "recipe-missing" in codes(film(repo.uses(), "{}"))


@pytest.mark.parametrize("kind", ["branch", "tag", "annotated tag", "commit"])
def test_every_kind_of_ref(repo: Repo, film: Film, kind: str) -> None:
    commit = repo.git("rev-parse", "HEAD")
    repo.git("tag", "light")
    repo.git("tag", "-a", "heavy", "-m", "x")
    ref = {"branch": "main", "tag": "light", "annotated tag": "heavy", "commit": commit}[kind]
    address_of(film(repo.uses(ref)))
    assert [r.commit for r in read(Path("film.lock.yaml")).recipes.values()] == [commit]


def test_an_older_commit_than_the_tip(repo: Repo, film: Film) -> None:
    first = repo.git("rev-parse", "HEAD")
    repo.commit(board_yaml="callsheet: 1\n")
    assert address_of(film(repo.uses(first))) == ["a/card"]


def test_what_is_here_needs_no_repository(repo: Repo, film: Film) -> None:
    address_of(film(repo.uses()))
    shutil.rmtree(repo.folder)
    assert address_of(film(repo.uses())) == ["a/card"]


def test_a_colleague_gets_the_pinned_commit(repo: Repo, film: Film) -> None:
    address_of(film(repo.uses()))
    shutil.rmtree(".callsheet")
    assert address_of(film(repo.uses())) == ["a/card"]


def test_a_moved_ref_is_a_warning_with_the_next_step(repo: Repo, film: Film) -> None:
    old = repo.git("rev-parse", "HEAD")
    address_of(film(repo.uses()))
    lock = Path("film.lock.yaml").read_text()
    new = repo.commit(board_yaml=BOARD.replace("hunyuan-image/v3", "nano-banana-pro"))
    assert address_of(film(repo.uses())) == ["a/card"]
    shutil.rmtree(".callsheet")
    checked = film(repo.uses())
    (found,) = checked.diagnostics
    assert checked.graph is not None and next(iter(checked.graph.instances.values())).spec.uses == HUNYUAN
    assert found.code == "recipe-moved" and found.span.text == f'"{repo.uses()}"'
    assert old[:12] in found.message and new[:12] in found.message
    assert "callsheet lock film.yaml --upgrade" in found.help
    assert Path("film.lock.yaml").read_text() == lock


def without_recipes_here() -> None:
    shutil.rmtree(".callsheet/recipes")


def test_a_branch_that_is_gone_is_a_warning(repo: Repo, film: Film) -> None:
    repo.git("branch", "feature")
    address_of(film(repo.uses("feature")))
    repo.git("branch", "-D", "feature")
    without_recipes_here()
    checked = film(repo.uses("feature"))
    assert codes(checked) == ["recipe-moved"] and "is gone" in checked.diagnostics[0].message
    assert address_of(checked) == ["a/card"]


def test_a_commit_that_the_server_does_not_give_by_hash_is_found_in_the_history(
    repo: Repo, film: Film, monkeypatch: pytest.MonkeyPatch
) -> None:
    address_of(film(repo.uses()))
    repo.commit(board_yaml=BOARD + "# more\n")
    without_recipes_here()
    ask = Remote._git

    def refuses(self: Remote, folder: Path | None, verb: str, *words: str) -> str:
        if verb == "fetch" and "--depth=1" in words:
            raise RefusedError("it gives nothing by hash")
        return ask(self, folder, verb, *words)

    monkeypatch.setattr(Remote, "_git", refuses)
    assert address_of(film(repo.uses())) == ["a/card"]


class TestShared:
    """A recipe whose repository is gone comes from the shared store."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Path]:
        token = PERMISSIONS.set(Permissions(store_place=str(tmp_path / "common")))
        yield tmp_path / "common"
        PERMISSIONS.reset(token)

    @pytest.fixture
    def gone(self, repo: Repo, film: Film, store: Path) -> Film:
        before = PERMISSIONS.set(Permissions(fetch="any"))
        address_of(film(repo.uses()))
        PERMISSIONS.reset(before)
        recipes = read(Path("film.lock.yaml")).recipes.values()
        assert give_recipes(recipes, Path(".callsheet"), str(store)) == ""
        without_recipes_here()
        shutil.rmtree(repo.folder)
        return lambda: film(repo.uses())

    def test_it_is_taken_without_a_question(self, gone: Film) -> None:
        assert address_of(gone()) == ["a/card"]

    def test_the_store_of_the_project_has_it_too(self, gone: Film, store: Path) -> None:
        shutil.move(store, "common-store")
        PERMISSIONS.set(Permissions())
        Path("callsheet.toml").write_text('store = "common-store"\n')
        assert address_of(gone()) == ["a/card"]

    def test_it_must_have_the_digest_of_the_lock(self, gone: Film, store: Path) -> None:
        (packed,) = store.rglob("*.tar")
        packed.chmod(0o644)
        packed.write_bytes(packed.read_bytes().replace(b"hero }}", b"zero }}"))
        checked = gone()
        assert codes(checked) == ["recipe-missing"] and "digest" in checked.diagnostics[0].message
        assert not list(Path(".callsheet/recipes").iterdir())

    @pytest.mark.parametrize("name", ["../planted.yaml", "/planted.yaml", "a/../../planted.yaml", "link"])
    def test_it_cannot_write_elsewhere(self, gone: Film, store: Path, tmp_path: Path, name: str) -> None:
        (packed,) = store.rglob("*.tar")
        packed.chmod(0o644)
        with tarfile.open(packed, "w") as file:
            about = tarfile.TarInfo(name)
            about.type, about.linkname = (
                (tarfile.SYMTYPE, "/etc") if name == "link" else (tarfile.REGTYPE, "")
            )
            file.addfile(about)
        assert codes(gone()) == ["recipe-missing"]
        assert not list(tmp_path.rglob("planted*"))

    def test_nothing_is_there(self, gone: Film, store: Path) -> None:
        shutil.rmtree(store)
        assert codes(gone()) == ["recipe-missing"]


def test_content_that_changed_here_is_an_error(repo: Repo, film: Film) -> None:
    address_of(film(repo.uses()))
    (path,) = Path(".callsheet/recipes").glob("*/board.yaml")
    path.chmod(0o644)
    path.write_text(BOARD.replace("hero }}", "hero }}!"))
    assert codes(film(repo.uses())) == ["recipe-changed"]
    path.write_text(BOARD)
    assert address_of(film(repo.uses())) == ["a/card"]
    (path.parent / "more.yaml").write_text("")
    assert codes(film(repo.uses())) == ["recipe-changed"]


def test_refs_and_files_that_are_not_there(repo: Repo, film: Film) -> None:
    assert codes(film(repo.uses("nowhere"))) == ["recipe-missing"]
    assert codes(film(repo.uses("0" * 40))) == ["recipe-missing"]
    (found,) = film(repo.uses(path="bord.yaml")).diagnostics
    assert found.code == "recipe-missing" and "did you mean `board.yaml`" in found.help
    assert codes(film(f"git+file://{repo.folder}x@main#board.yaml")) == ["recipe-missing"]


def test_a_branch_and_a_tag_of_one_name(repo: Repo, film: Film) -> None:
    repo.git("tag", "main2")
    repo.commit(board_yaml=BOARD + "\n")
    repo.git("branch", "main2")
    (found,) = film(repo.uses("main2")).diagnostics
    assert found.code == "recipe-missing" and "is a branch and a tag" in found.message


def test_relative_recipes_and_files_stay_inside_the_tree(repo: Repo, film: Film, tmp_path: Path) -> None:
    outer = """
callsheet: 1
inputs:
  look: {type: image, default: ../pics/look.png}
  shots: {type: list, items: {id: string}, default: ./shots.csv}
axes: {shot: {over: "${{ inputs.shots }}", key: "${{ shot.id }}"}}
nodes:
  b: {each: shot, uses: ../board.yaml, with: {hero: "${{ shot.id }}"}}
  c: {uses: media/fit_image, with: {image: "${{ inputs.look }}", width: 64, height: 64}}
"""
    (repo.folder / "pics").mkdir()
    (repo.folder / "pics/look.png").write_bytes(PNG)
    repo.commit(deep__outer_yaml=outer, **{"deep__shots.csv": "id\nx\n"})
    found = film(repo.uses(path="deep/outer.yaml"), "{}")
    assert address_of(found) == ['a/b["x"]/card', "a/c"]
    for bad, code in (
        ("../../board.yaml", "recipe-missing"),
        ("../../../../film.yaml", "recipe-missing"),
    ):
        commit = repo.commit(deep__outer_yaml=outer.replace("uses: ../board.yaml", f"uses: {bad}"))
        assert codes(film(repo.uses(commit, "deep/outer.yaml"), "{}")) == [code]
    Path("secret.png").write_bytes(PNG)
    for bad in ("../../secret.png", f"{Path.cwd()}/secret.png"):
        commit = repo.commit(deep__outer_yaml=outer.replace("../pics/look.png", bad))
        assert "local-file" in codes(film(repo.uses(commit, "deep/outer.yaml"), "{}"))


def test_links_and_code_do_not_come(repo: Repo, film: Film) -> None:
    (repo.folder / "link.yaml").symlink_to("/etc/passwd")
    commit = repo.commit(board_yaml=BOARD)
    assert codes(film(repo.uses(commit, "link.yaml"))) == ["recipe-missing"]
    assert not any(p.is_symlink() for p in Path(".callsheet/recipes").rglob("*"))
    code = BOARD.replace("fal-ai/hunyuan-image/v3/text-to-image", "./node.py#node")
    commit = repo.commit(board_yaml=code, **{"node.py": "raise SystemExit"})
    assert "untrusted-code" in codes(film(repo.uses(commit)))
    assert "untrusted-code" in codes(check("film.yaml", trust=True))


def test_the_environment_is_not_read(repo: Repo, film: Film) -> None:
    commit = repo.commit(board_yaml=BOARD.replace('"${{ inputs.hero }}"', "{secret: AWS_SECRET_KEY}"))
    assert codes(film(repo.uses(commit))) == ["recipe-secret"]


def test_a_local_repository_only_when_the_person_says_so(
    repo: Repo, film: Film, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = repo.uses()
    outer = repo.commit(outer_yaml=f'callsheet: 1\nnodes:\n  n: {{uses: "{inner}", with: {{hero: x}}}}\n')
    assert codes(film(repo.uses(outer, "outer.yaml"), "{}")) == ["recipe-git"]
    monkeypatch.delenv("CALLSHEET_GIT_FILE")
    (found,) = film(repo.uses(outer)).diagnostics
    assert found.code == "recipe-git" and "CALLSHEET_GIT_FILE=1" in found.help


def test_no_hook_of_anybody_runs(
    repo: Repo, film: Film, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("post-checkout", "reference-transaction", "pre-auto-gc"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
        (hooks / name).chmod(0o755)
    config = tmp_path / "gitconfig"
    config.write_text(f"[core]\n\thooksPath = {hooks}\n[init]\n\ttemplateDir = {hooks}\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    address_of(film(repo.uses()))
    assert not (tmp_path / "ran").exists()


def test_a_tree_that_is_too_large(repo: Repo, film: Film, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callsheet.runtime.recipes.git_fetch.MOST_FILES", 3)
    repo.commit(**{f"f{i}_yaml": "" for i in range(4)})
    (found,) = film(repo.uses()).diagnostics
    assert found.code == "recipe-missing" and "more than 3 files" in found.message
    assert not list(Path(".callsheet/recipes").iterdir())


@pytest.mark.parametrize(
    "text",
    [
        "git+https://user:token@host/r@v1#a.yaml",
        "git+https://user@host/r@v1#a.yaml",
        "git+ssh://git:pw@host/r@v1#a.yaml",
        "git+http://host/r@v1#a.yaml",
        "git+ext::sh -c touch% x@v1#a.yaml",
        "git+ext://sh@v1#a.yaml",
        "git+ssh://-oProxyCommand=x/r@v1#a.yaml",
        "git+ssh://-x@host/r@v1#a.yaml",
        "git+https:///r@v1#a.yaml",
        "git+--upload-pack=x@v1#a.yaml",
        "git+https://host/r@--upload-pack=x#a.yaml",
        "git+https://host/r@-v1#a.yaml",
        "git+https://host/r@a..b#a.yaml",
        "git+https://host/r@v1^{}#a.yaml",
        "git+https://host/r@*#a.yaml",
        "git+https://host/r#a.yaml",
        "git+https://host/r@v1",
        "git+https://host/r@v1#../a.yaml",
        "git+https://host/r@v1#/a.yaml",
        "git+https://host/r@v1#.git/a.yaml",
        "git+https://host/r@v1#a.py",
        "git+https://host/r@v1#a.yaml\n",
        "git+git@host:r@v1#a.yaml",
    ],
)
def test_texts_that_are_not_followed(text: str) -> None:
    found = named(text)
    assert isinstance(found, Problem) and found.code == "recipe-git"


@pytest.mark.parametrize(
    ("text", "use"),
    [
        (
            "git+https://example.org/studio/looks.git@v1.2#film/board.yaml",
            GitUse("https", "https://example.org/studio/looks.git", "v1.2", "film/board.yaml"),
        ),
        (
            "git+ssh://git@example.org:2222/looks@feature/x#board.yml",
            GitUse("ssh", "ssh://git@example.org:2222/looks", "feature/x", "board.yml"),
        ),
    ],
)
def test_texts_that_are(text: str, use: GitUse) -> None:
    assert named(text) == use


class TestUpgrade:
    def upgrade(self, capsys: pytest.CaptureFixture[str], name: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stop:
            cli.main(["lock", "film.yaml", "--upgrade", name])
        return int(stop.value.code or 0), *capsys.readouterr()

    def test_says_what_the_recipe_newly_does(
        self, repo: Repo, film: Film, capsys: pytest.CaptureFixture[str]
    ) -> None:
        old = repo.git("rev-parse", "HEAD")
        address_of(film(repo.uses()))
        more = """
  clip:
    uses: fal-ai/veo3.1/fast/first-last-frame-to-video
    with: {first_frame_url: ./x.png, last_frame_url: ./x.png, prompt: p, duration: 8s}
"""
        (repo.folder / "x.png").write_bytes(PNG)
        new = repo.commit(board_yaml=BOARD.replace("\noutputs:", more + "outputs:"))
        pin = f"git+file://{repo.folder}@main"
        code, out, err = self.upgrade(capsys, f"recipes/{pin}")
        assert (code, err) == (0, "")
        assert out.splitlines() == [
            f"{pin}: {old[:12]} → {new[:12]}",
            "  board.yaml",
            "    new node clip: fal-ai/veo3.1/fast/first-last-frame-to-video",
            "  new endpoint: fal-ai/veo3.1/fast/first-last-frame-to-video",
            "  new file that is sent: x.png",
            "  price: $0.10 → $1.30",
            "  this film: +1 node · +$1.20",
            "film.lock.yaml: written",
        ]
        assert read(Path("film.lock.yaml")).recipes[pin].commit == new
        assert address_of(film(repo.uses())) == ["a/card", "a/clip"]
        code, out, _ = self.upgrade(capsys, "recipes")
        assert code == 0 and "unchanged" in out and "film.lock.yaml: unchanged" in out

    def test_says_what_differs_inside(
        self, repo: Repo, film: Film, capsys: pytest.CaptureFixture[str]
    ) -> None:
        still = """
callsheet: 1
inputs: {words: {type: string}, style: {type: string, default: ink}, size: {type: integer, default: 5}}
nodes:
  draw: {uses: fal-ai/kolors, takes: 1, with: {prompt: "${{ inputs.words }}, dusk"}}
  old: {uses: media/contact_sheet, with: {images: ["${{ draw.images[0] }}"]}}
outputs: {image: "${{ draw.images[0] }}", sheet: "${{ old.image }}"}
"""
        board = """
callsheet: 1
inputs: {hero: {type: string}}
nodes: {still: {uses: ./parts/still.yaml, with: {words: "${{ inputs.hero }}"}}}
outputs: {card: "${{ still.image }}"}
"""
        repo.commit(board_yaml=board, parts__still_yaml=still)
        assert address_of(film(repo.uses())) == ["a/still/draw", "a/still/old"]
        for was, now in (
            ("style: {type: string, default: ink}", "look: {type: string, default: warm}"),
            ("default: 5", "default: 8"),
            ("dusk", "dawn"),
            ("takes: 1", "takes: 3"),
            ("fal-ai/kolors", HUNYUAN),
            (', sheet: "${{ old.image }}"', ""),
            ('  old: {uses: media/contact_sheet, with: {images: ["${{ draw.images[0] }}"]}}\n', ""),
        ):
            assert was in still
            still = still.replace(was, now)
        repo.commit(parts__still_yaml=still)
        code, out, err = self.upgrade(capsys, "recipes")
        assert (code, err) == (0, "")
        assert out.splitlines()[1:] == [
            "  parts/still.yaml",
            '    new input look: string, default "warm"',
            "    input size: default: 5 → 8",
            "    no input style any more",
            "    no output sheet any more",
            f"    node draw: uses: fal-ai/kolors → {HUNYUAN}",
            "    node draw: takes: 1 → 3",
            '    node draw: with.prompt: "${{ inputs.words }}, dusk" → "${{ inputs.words }}, dawn"',
            "    no node old any more",
            f"  new endpoint: {HUNYUAN}",
            "  no longer: fal-ai/kolors",
            "  price: 1 call without a known price → $0.31",
            "  this film: -1 node, +2 instances, 1 changed, 1 setting · +$0.31",
            "film.lock.yaml: written",
        ]

    def test_helps_after_a_moved_ref(
        self, repo: Repo, film: Film, capsys: pytest.CaptureFixture[str]
    ) -> None:
        address_of(film(repo.uses()))
        repo.commit(board_yaml=BOARD + "# more\n")
        shutil.rmtree(".callsheet")
        assert codes(film(repo.uses())) == ["recipe-moved"]
        code, out, _ = self.upgrade(capsys, f"recipes/{repo.uses()}")
        assert code == 0 and "price: $0.10, unchanged" in out
        assert address_of(film(repo.uses())) == ["a/card"]

    def test_pins_nothing_that_does_not_fit(
        self, repo: Repo, film: Film, capsys: pytest.CaptureFixture[str]
    ) -> None:
        address_of(film(repo.uses()))
        lock = Path("film.lock.yaml").read_text()
        repo.commit(board_yaml=BOARD.replace("hero", "star"))
        code, _, err = self.upgrade(capsys, "recipes")
        assert code == 1 and "error[unknown-parameter]" in err
        assert Path("film.lock.yaml").read_text() == lock

    def test_knows_only_what_the_lock_pins(
        self, repo: Repo, film: Film, capsys: pytest.CaptureFixture[str]
    ) -> None:
        address_of(film(repo.uses()))
        code, _, err = self.upgrade(capsys, f"recipes/git+file://{repo.folder}@mian")
        assert code == 1 and f"did you mean `git+file://{repo.folder}@main`" in err


class TestAsked:
    """Nothing is fetched unless a person says so."""

    def test_a_check_names_the_host_and_asks_nobody(
        self, film: Film, asked: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def asks(*_: object) -> None:
            raise AssertionError("git was started")

        monkeypatch.setattr("callsheet.runtime.recipes.git_fetch._run", asks)
        checked = film("git+https://recipes.example.org/looks@main#board.yaml")
        (found,) = checked.diagnostics
        assert (
            found.code == "recipe-missing"
            and found.help == "--fetch gets it: recipes.example.org would be asked"
        )

    def test_a_run_fetches_what_is_pinned_and_nothing_else(
        self, film: Film, repo: Repo, tmp_path: Path, asked: None
    ) -> None:
        assert film(repo.uses()).graph is None
        token = PERMISSIONS.set(Permissions(fetch="any"))
        assert film(repo.uses()).graph is not None
        PERMISSIONS.reset(token)
        assert film(repo.uses()).graph is not None, "it is here"
        shutil.rmtree(tmp_path / "project/.callsheet")
        assert film(repo.uses()).graph is None
        PERMISSIONS.set(Permissions(fetch="pinned"))
        assert film(repo.uses()).graph is not None
        assert film(repo.uses(path="board.yaml", ref="light")).graph is None


class TestOutdated:
    """`callsheet recipes outdated` over the films of a project."""

    def said(self, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, list[str]]:
        with pytest.raises(SystemExit) as stop:
            cli.main(["recipes", "outdated", *words])
        return int(stop.value.code or 0), capsys.readouterr().out.splitlines()

    def films(self, repo: Repo, refs: dict[str, str]) -> None:
        Path("callsheet.toml").touch()
        for name, ref in refs.items():
            folder = Path("films", name)
            folder.mkdir(parents=True)
            uses = f'  a: {{uses: "{repo.uses(ref)}", with: {{hero: a dog}}}}'
            (folder / "film.yaml").write_text(f"callsheet: 1\nname: {name}\nnodes:\n{uses}\n")
            assert check(folder / "film.yaml").ok

    def test_says_what_moved_which_versions_are_newer_and_for_which_films(
        self, repo: Repo, film: Film, capsys: pytest.CaptureFixture[str]
    ) -> None:
        old = repo.git("rev-parse", "HEAD")
        for tag in ("v1", "v1.9", "2.0"):
            repo.git("tag", tag)
        self.films(repo, {"f1": "main", "f2": "main", "f3": "v1", "f4": "v1.9", "f5": old})
        code, out = self.said(capsys, "--exit-code")
        assert code == 0 and out[-1] == "0 of 4 recipes outdated"
        new = repo.commit(board_yaml=BOARD + "# more\n")
        repo.git("tag", "v1.10")
        repo.git("tag", "v2")
        code, out = self.said(capsys, "--exit-code")
        pin, short = f"git+file://{repo.folder}", old[:12]
        assert code == 2 and out == [
            f"{pin}@{old}: {short} is the newest",
            "  films/f5/film.yaml",
            f"{pin}@main: {short} → {new[:12]}",
            "  films/f1/film.yaml, films/f2/film.yaml",
            f"{pin}@v1: {short}; the version v2 is there",
            "  films/f3/film.yaml",
            f"{pin}@v1.9: {short}; the version v2 is there",
            "  films/f4/film.yaml",
            "3 of 4 recipes outdated",
            f"next: callsheet lock films/f1/film.yaml --upgrade recipes/{pin}@main",
        ]
        assert self.said(capsys, "films/f1/film.yaml")[1][-2].startswith("1 of 1 recipe ")

    def test_a_repository_that_is_gone_is_said_and_stops_nothing(
        self, repo: Repo, film: Film, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.films(repo, {"f1": "main"})
        repo.folder.rename(repo.folder.with_name("gone"))
        code, out = self.said(capsys)
        assert code == 0 and "what is newest is not known" in out[0]
        assert out[-1] == "0 of 1 recipe outdated"

    def test_of_what_pins_nothing(self, film: Film, capsys: pytest.CaptureFixture[str]) -> None:
        assert self.said(capsys) == (0, ["nothing is pinned"])
        with pytest.raises(SystemExit):
            cli.main(["recipes", "outdated", "nothing.yaml"])
        assert "there is no file nothing.yaml" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("ref", "newest"),
    [("v1", "v2.1"), ("v2", ""), ("v2.0", "v2.1"), ("v2.1", ""), ("1.0", "1.2"), ("main", ""), ("v3", "")],
)
def test_newer_versions(ref: str, newest: str) -> None:
    assert newer_version(ref, ["v1", "v1.10", "v2.1", "v2", "1.2", "nightly", "v2.1-rc1"]) == newest


def test_what_git_writes_is_limited(repo: Repo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("callsheet.runtime.recipes.git_fetch.MOST_BYTES", 1024)
    commit = repo.commit(noise="".join(f"{number**5:x} " for number in range(9000)))
    remote = Remote(GitUse("file", f"file://{repo.folder}", commit, "board.yaml"))
    with pytest.raises(RefusedError, match="does not give the commit"):
        remote.fetch(commit, tmp_path)
