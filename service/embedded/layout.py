"""Where the files of a server are kept.

cluster/     PostgreSQL's data (PGDATA)
run/         its socket, in a folder that only its user may enter
password     the random password of the superuser `guidepost`
passfile     the passwords of the roles of connections, as PostgreSQL's clients read them
server.log   what the server logs; the log before it is server.log.old
*.lock       the two locks of the lease
location     only where the user that the server runs as cannot reach the data folder: names
             the folder under /var/lib/guidepost that holds all the others
    origin       in that folder: names the data folder that it belongs to
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

SYSTEM = Path("/var/lib/guidepost")


@dataclass(frozen=True)
class Layout:
    """The paths in the folder `home`."""

    home: Path

    @property
    def cluster(self) -> Path:
        return self.home / "cluster"

    @property
    def run(self) -> Path:
        return self.home / "run"

    @property
    def socket(self) -> Path:
        return self.run / ".s.PGSQL.5432"

    @property
    def password(self) -> Path:
        return self.home / "password"

    @property
    def passfile(self) -> Path:
        return self.home / "passfile"

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    @property
    def gate(self) -> Path:
        return self.home / "gate.lock"

    @property
    def share(self) -> Path:
        return self.home / "share.lock"


def location_file(data: Path) -> Path:
    """The file in a data folder that names the folder which holds the others."""
    return data / "location"


def origin_file(home: Path) -> Path:
    """The file in a folder under /var/lib/guidepost that names its data folder."""
    return home / "origin"


def elsewhere(data: Path) -> Path:
    """The folder under /var/lib/guidepost for `data`, in case it needs one."""
    return SYSTEM / hashlib.sha256(bytes(data.resolve())).hexdigest()[:12]


def layout_of(data: Path) -> Layout:
    """The layout that an earlier start has chosen; before the first start, that of `data` itself.

    A `location` outside /var/lib/guidepost is not followed, because root would make files there.
    """
    try:
        home = Path(location_file(data).read_text(encoding="utf-8").strip())
    except FileNotFoundError:
        return Layout(data)
    return Layout(home if home.parent == SYSTEM and ".." not in home.parts else data)
