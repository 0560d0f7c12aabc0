"""Chooses where the server's files are kept, and makes the folders.

If this process is root, the server's user may not be able to reach the data folder: below /root, or
below a folder of mode 0700 as `mktemp -d` makes it. The permissions of parent folders are never
changed. The files are then kept under /var/lib/guidepost, and a file in the data folder says so.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from service.embedded.account import Account
from service.embedded.folder import make_folder
from service.embedded.layout import SYSTEM, Layout, elsewhere, layout_of, location_file, origin_file
from service.errors import EmbeddedError

# sizeof(sockaddr_un.sun_path), without the zero at the end.
_LONGEST_SOCKET = 103 if sys.platform == "darwin" else 107


def place_for(data: Path, account: Account, say: Callable[[str], None]) -> Layout:
    """The layout of `data`; its folders exist afterwards, and `account` can reach them.

    Raises `EmbeddedError` if that is impossible.
    """
    make_public_folder(data)
    layout = layout_of(data)
    if account.is_other and not _is_open(layout.home, account):
        layout = _moved(data, layout, account, say)
    _check_socket(layout.socket)
    account.make_folder(layout.run)
    for path in (layout.cluster, layout.run):
        _check_owner(path, account)
    return layout


def make_public_folder(folder: Path) -> None:
    """Make a folder that every user may pass through, whatever the umask; an existing one stays.

    Private files lie deeper, with the modes 0600 and 0700. Root makes the folder for the owner of
    its parent, who may come back later without the powers of root.
    """
    if not folder.parent.exists():
        make_public_folder(folder.parent)
    around = folder.parent.stat()
    if os.geteuid() == 0:
        make_folder(folder, 0o755, around.st_uid, around.st_gid)
    else:
        make_folder(folder, 0o755, os.geteuid(), os.getegid())


def _is_open(home: Path, account: Account) -> bool:
    """Whether the account can reach `home`. An empty folder, as mkdtemp makes it, is opened to it.

    The question is asked again at the end: if the folder is not empty, another process has opened
    it.
    """
    if account.reaches(home):
        return True
    if home.exists() and not any(home.iterdir()) and account.reaches(home.parent):
        home.chmod(0o711)
    return account.reaches(home)


def _moved(data: Path, layout: Layout, account: Account, say: Callable[[str], None]) -> Layout:
    if layout.cluster.exists():
        raise EmbeddedError(
            f"PostgreSQL runs as the user {account.name}, who can no longer reach its data in "
            f"{layout.cluster}: let that user pass through the folders above it, or set "
            f"GUIDEPOST_DATA to a folder that it can reach."
        )
    home = elsewhere(data)
    for folder in (SYSTEM, home):
        make_public_folder(folder)
    if not account.reaches(home):
        raise EmbeddedError(
            f"PostgreSQL runs as the user {account.name}, who can reach neither {data} nor {home}: "
            f"set GUIDEPOST_DATA to a folder that it can reach, or DATABASE_URL."
        )
    say(f"The user {account.name} cannot reach {data}: PostgreSQL's data is kept in {home}.")
    account.write(origin_file(home), f"{data}\n")
    account.write(location_file(data), f"{home}\n")
    return Layout(home)


def _check_socket(socket: Path) -> None:
    length = len(bytes(socket))
    if length > _LONGEST_SOCKET:
        raise EmbeddedError(
            f"The path of PostgreSQL's socket is {length} bytes long, and the system allows "
            f"{_LONGEST_SOCKET}: {socket}. Set GUIDEPOST_DATA to a shorter path."
        )


def _check_owner(path: Path, account: Account) -> None:
    """Raise `EmbeddedError` for data of another user: PostgreSQL starts only on its own user's."""
    owner = path.stat().st_uid if path.exists() else account.uid
    if owner != account.uid:
        raise EmbeddedError(
            f"{path} belongs to the user number {owner}, and PostgreSQL would run as "
            f"{account.name} (number {account.uid}): give it to that user with "
            f"`chown -R {account.name} {path.parent}`, move it away, or set GUIDEPOST_DATA to "
            f"another folder."
        )
