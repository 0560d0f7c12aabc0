"""The address of the database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from service.embedded import Outage, embedded_postgres
from service.errors import SettingsError
from service.settings import Settings


@contextmanager
def database_url(
    settings: Settings, say: Callable[[str], None], outage: Outage | None = None
) -> Iterator[str]:
    """The address of the database; an embedded server runs while the context lasts.

    `outage` tells why the embedded server is away, while it is. Raises `SettingsError` if
    `DATABASE_URL` is not the address of a PostgreSQL server.
    """
    if settings.database_url is None:
        with embedded_postgres(settings.data, say, outage) as url:
            yield url
        return
    yield _address(settings.database_url)


def _address(text: str) -> str:
    """An address in the driver's form, whatever library it was written for."""
    scheme, _, rest = text.partition("://")
    try:
        is_address = scheme.partition("+")[0] in {"postgres", "postgresql"}
        urlsplit(f"//{rest}").port  # noqa: B018  # raises for an invalid port
    except ValueError:
        is_address = False
    if not is_address:
        raise SettingsError(
            "DATABASE_URL is not the address of a PostgreSQL server; "
            "write it as postgresql://user:password@host:5432/database"
        )
    return f"postgresql://{rest}"
