"""Whether another program or another machine has a hand in a folder, so that a ledger in it is at risk."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

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
REMOTE_DRIVE: Final = 4
"""What Windows calls a network drive."""
ELSEWHERE: Final = "set CALLSHEET_STATE to a folder on a disk of this machine"


def risks(state: Path) -> Iterator[str]:
    """What is at risk in the folder of a project's state, in words. state: it need not exist."""
    state = state.absolute()
    if program := synchroniser(state):
        yield f"{state} is synchronised by {program}: it may replace the ledger while a run writes it"
    kind = file_system(existing(state))
    if kind in NETWORK or kind.startswith("smb"):
        yield f"{state} is on a network drive ({kind}): locks and durable writes are not promised there"


def synchroniser(place: Path) -> str:
    """The program that copies a folder to other machines, "" for none that is known."""
    for part in place.absolute().parts:
        for name, program in SYNCED.items():
            if part == name or part.startswith((f"{name} ", f"{name}-")):
                return program
    return ""


def existing(path: Path) -> Path:
    """The nearest folder at or above `path` that exists."""
    path = path.absolute()
    return next(place for place in (path, *path.parents) if place.is_dir())


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
    import subprocess

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
