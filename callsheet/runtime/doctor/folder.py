"""The folder of the project: whether it can be written, and whether another program moves its files."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from callsheet.runtime.doctor.finding import Finding

SYNCED: Final = {
    "Dropbox": "Dropbox",
    "OneDrive": "OneDrive",
    "Mobile Documents": "iCloud Drive",
    "iCloudDrive": "iCloud Drive",
    "Google Drive": "Google Drive",
    "GoogleDrive": "Google Drive",
    "My Drive": "Google Drive",
    "CloudStorage": "a cloud drive",
    "Nextcloud": "Nextcloud",
    "ownCloud": "ownCloud",
    "pCloudDrive": "pCloud",
    "Box": "Box",
    "MEGA": "MEGA",
    "SynologyDrive": "Synology Drive",
    "Syncthing": "Syncthing",
}
"""How the folders of synchronising programs are called, as they are or as the beginning of a name."""
NETWORK: Final = (
    "nfs",
    "nfs4",
    "cifs",
    "smb",
    "smb2",
    "smb3",
    "smbfs",
    "afpfs",
    "webdav",
    "davfs",
    "fuse.sshfs",
    "fuse.rclone",
    "fuse.s3fs",
    "9p",
    "ncpfs",
    "afs",
    "ceph",
    "glusterfs",
    "fuse.glusterfs",
)
"""File systems of other machines."""
LITTLE: Final = 5 * 10**9
"""Bytes of free space below which a warning is due."""
TOO_LITTLE: Final = 500 * 10**6
"""Bytes below which no film can be made."""
ELSEWHERE: Final = "set CALLSHEET_STATE to a folder on a disk of this machine"
REMOTE_DRIVE: Final = 4
"""What Windows calls a network drive."""


def folder(state: Path) -> Iterator[Finding]:
    """What is known of the place of a project's state. state: it need not exist."""
    place = _existing(state)
    yield _writable(place)
    yield _space(place)
    yield from _synced(state)
    yield from _on_network(place)


def _existing(path: Path) -> Path:
    """The nearest folder at or above `path` that exists."""
    path = path.absolute()
    return next(place for place in (path, *path.parents) if place.is_dir())


def _writable(place: Path) -> Finding:
    if os.access(place, os.W_OK | os.X_OK):
        return Finding("ok", "folder", f"{place} can be written")
    return Finding("error", "folder", f"{place} cannot be written", f"change its permissions, or {ELSEWHERE}")


def _space(place: Path) -> Finding:
    free = shutil.disk_usage(place).free
    said = f"{free / 10**9:.1f} GB are free"
    if free < TOO_LITTLE:
        return Finding("error", "disk", said, "free some space; callsheet cache gc --help clears old results")
    if free < LITTLE:
        return Finding("warning", "disk", f"only {said}", "callsheet cache gc --help clears old results")
    return Finding("ok", "disk", said)


def _synced(state: Path) -> Iterator[Finding]:
    for part in state.absolute().parts:
        for name, program in SYNCED.items():
            if part == name or part.startswith((f"{name} ", f"{name}-")):
                risk = "it may replace the ledger while a run writes it"
                message = f"{state.absolute()} is synchronised by {program}: {risk}"
                yield Finding("warning", "folder", message, ELSEWHERE)
                return


def _on_network(place: Path) -> Iterator[Finding]:
    kind = file_system(place)
    if kind in NETWORK or kind.startswith("smb"):
        message = f"{place} is on a network drive ({kind}): locks and durable writes are not promised there"
        yield Finding("warning", "folder", message, ELSEWHERE)


def file_system(place: Path) -> str:
    """The kind of file system that a folder is on, "" where the system does not tell."""
    if sys.platform == "win32":
        return _of_windows(place)
    mounts = _linux_mounts() if Path("/proc/mounts").exists() else _bsd_mounts()
    real = place.resolve()
    inside = [(Path(point), kind) for point, kind in mounts if real.is_relative_to(point)]
    return max(inside, key=lambda mount: len(mount[0].parts), default=(None, ""))[1]


def _linux_mounts() -> list[tuple[str, str]]:
    try:
        lines = Path("/proc/mounts").read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
    fields = [line.split() for line in lines]
    return [(part[1].replace("\\040", " "), part[2]) for part in fields if len(part) > 2]


def _bsd_mounts() -> list[tuple[str, str]]:
    """`//user@server/share on /Volumes/share (smbfs, nodev)`."""
    try:
        done = subprocess.run(["mount"], capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return []
    found = []
    for line in done.stdout.splitlines():
        point, _, options = line.partition(" on ")[2].rpartition(" (")
        if point:
            found.append((point, options.split(",")[0].rstrip(")")))
    return found


def _of_windows(place: Path) -> str:
    drive = place.absolute().drive
    if drive.startswith("\\\\"):
        return "smb"
    try:
        import ctypes

        kind = ctypes.windll.kernel32.GetDriveTypeW(f"{drive}\\")  # type: ignore[attr-defined,unused-ignore]
    except (AttributeError, OSError):
        return ""
    return "smb" if kind == REMOTE_DRIVE else ""
