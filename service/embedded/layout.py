"""Where things are kept.

cluster/     PostgreSQL's data (PGDATA)
run/         its socket, in a folder that only its user may enter
password     of the superuser `guidepost`, random
passfile     those of the roles that connections have, as PostgreSQL's clients read them
server.log   what the server says; the one before it in server.log.old
*.lock       the two locks of the lease
location     only where the user that the server runs as cannot reach the data folder: names
             the folder under /var/lib/guidepost that holds all the others
    origin       there, the way back: names the data folder, which tells whose home it was
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

SYSTEM = Path("/var/lib/guidepost")


@dataclass(frozen=True)
class Layout:
    """The paths below one home."""

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
    return data / "location"


def origin_file(home: Path) -> Path:
    return home / "origin"


def elsewhere(data: Path) -> Path:
    """The home that `data` has under /var/lib/guidepost, should it need one."""
    return SYSTEM / hashlib.sha256(bytes(data.resolve())).hexdigest()[:12]


def layout_of(data: Path) -> Layout:
    """The layout that a former start has settled on; that of `data` itself before the first.

    A `location` that names a folder outside of ours is not followed: root would make files there.
    """
    try:
        home = Path(location_file(data).read_text(encoding="utf-8").strip())
    except FileNotFoundError:
        return Layout(data)
    return Layout(home if home.parent == SYSTEM and ".." not in home.parts else data)
