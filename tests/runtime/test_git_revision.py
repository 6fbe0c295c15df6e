"""Trees that git itself would not write, and what stands in them beside files."""

import hashlib
import subprocess
from pathlib import Path

import pytest

from callsheet.errors import InputError
from callsheet.runtime.git_revision import Repository, split_range


class Forge:
    """A repository whose objects are written by hand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git("init", "--quiet")

    def git(self, *words: str, stdin: bytes = b"") -> str:
        who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        done = subprocess.run(
            ["git", *who, *words], cwd=self.folder, input=stdin, check=True, capture_output=True
        )
        return done.stdout.decode().strip()

    def blob(self, content: bytes) -> str:
        return self.git("hash-object", "-w", "--stdin", stdin=content)

    def tree(self, *entries: tuple[str, str, str]) -> str:
        content = b"".join(f"{m} {n}".encode() + b"\0" + bytes.fromhex(h) for m, n, h in entries)
        return self.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", stdin=content)

    def commit(self, tree: str) -> str:
        return self.git("commit-tree", tree, "-m", "made by hand")


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    (tmp_path / "repository").mkdir()
    return Forge(tmp_path / "repository")


def test_files_come_and_links_and_submodules_do_not(forge: Forge) -> None:
    text = forge.blob(b"callsheet: 1\n")
    inner = forge.tree(("100755", "run.yaml", text))
    tree = forge.tree(
        ("100644", "film.yaml", text),
        ("120000", "link", forge.blob(b"/etc/passwd")),
        ("160000", "module", "1" * 40),
        ("40000", "sub", inner),
    )
    with Repository(forge.folder).folder_at(forge.commit(tree)) as folder:
        found = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file() or p.is_symlink()}
        assert found == {"film.yaml", "sub/run.yaml"}
        assert (folder / "film.yaml").read_bytes() == b"callsheet: 1\n"
        assert folder.stat().st_mode & 0o077 == 0
    assert not folder.exists()


@pytest.mark.parametrize("name", ["..", ".", ".git", ".GIT", "a\\b"])
def test_names_that_lead_elsewhere_are_refused(forge: Forge, name: str) -> None:
    tree = forge.tree(("40000", name, forge.tree(("100644", "config", forge.blob(b"x")))))
    with pytest.raises(InputError, match="holds a file with the name"):
        Repository(forge.folder).folder_at(forge.commit(tree)).__enter__()


def test_a_file_and_a_folder_of_one_name_are_refused(forge: Forge) -> None:
    text = forge.blob(b"x")
    tree = forge.tree(("100644", "a", text), ("40000", "a", forge.tree(("100644", "b", text))))
    with pytest.raises(InputError, match="cannot be written"):
        Repository(forge.folder).folder_at(forge.commit(tree)).__enter__()


def test_a_large_tree_is_refused(forge: Forge, tmp_path: Path) -> None:
    commit = forge.commit(forge.tree(("100644", "a", forge.blob(b"x" * 11))))
    for limits in ({"most_bytes": 10}, {"most_files": 0}):
        with pytest.raises(InputError, match="more than"):
            Repository(forge.folder).unpack(commit, tmp_path, **limits)


def test_content_that_is_not_here_is_told(forge: Forge) -> None:
    """As in a partial clone; nothing is fetched."""
    blob = forge.blob(b"gone")
    commit = forge.commit(forge.tree(("100644", "a", blob)))
    path = forge.folder / ".git/objects" / blob[:2] / blob[2:]
    path.chmod(0o600)
    path.unlink()
    with pytest.raises(InputError, match="does not have the content of a"):
        Repository(forge.folder).folder_at(commit).__enter__()


def pointer(content: bytes, name: str = "") -> bytes:
    """What Git LFS puts into the tree for `content`."""
    name = name or hashlib.sha256(content).hexdigest()
    head = "version https://git-lfs.github.com/spec/v1"
    return f"{head}\noid sha256:{name}\nsize {len(content)}\n".encode()


def test_a_file_of_lfs_is_taken_from_this_machine(forge: Forge) -> None:
    picture, other = b"a picture", b"another one"
    name = hashlib.sha256(picture).hexdigest()
    kept = forge.folder / ".git/lfs/objects" / name[:2] / name[2:4] / name
    kept.parent.mkdir(parents=True)
    kept.write_bytes(picture)
    tree = forge.tree(
        ("100644", "a.png", forge.blob(pointer(picture))), ("100644", "b.png", forge.blob(pointer(other)))
    )
    with Repository(forge.folder).folder_at(forge.commit(tree)) as folder:
        assert (folder / "a.png").read_bytes() == picture
        assert (folder / "b.png").read_bytes() == pointer(other)
    kept.write_bytes(b"a pictura")
    with Repository(forge.folder).folder_at(forge.commit(tree)) as folder:
        assert (folder / "a.png").read_bytes() == pointer(picture)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a..b", ("a", "b", False)),
        ("a...b", ("a", "b", True)),
        ("..b", ("", "b", False)),
        ("v1.0..v1.1", ("v1.0", "v1.1", False)),
        ("main", None),
        ("v1.0", None),
    ],
)
def test_ranges(text: str, found: object) -> None:
    assert split_range(text) == found
