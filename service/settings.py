"""The settings: one frozen value, read from the environment once and passed down.

docs/settings.md has them as a table; a test compares the two.
"""

import re
from datetime import timedelta
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from service.cache_tags import TagsPreset
from service.errors import SettingsError

_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s,?#@A-Z]+")
"""As browsers send them, in lower case; those of apps may have any scheme."""


class Settings(BaseSettings):
    """Each field is a setting; its alias is the environment variable."""

    model_config = SettingsConfigDict(frozen=True, populate_by_name=True, env_ignore_empty=True)

    database_url: str | None = Field(
        default=None,
        validation_alias="DATABASE_URL",
        description="A database on PostgreSQL 15 or newer: "
        "postgresql://user:password@host/database. Without it, Guidepost runs the "
        "embedded one.",
    )
    data: Path = Field(
        default=Path(".guidepost"),
        validation_alias="GUIDEPOST_DATA",
        description="The data directory of the embedded PostgreSQL.",
    )
    project: Path = Field(
        default=Path(),
        validation_alias="GUIDEPOST_PROJECT",
        description="The folder that holds alembic.ini, alembic/ and seeds/.",
    )
    host: str = Field(
        default="127.0.0.1",
        validation_alias="GUIDEPOST_HOST",
        description="The address to listen on.",
    )
    port: int = Field(
        default=8000,
        validation_alias="PORT",
        ge=0,
        le=65535,
        description="The port to listen on; 0 for any free one.",
    )
    workers: int = Field(
        default=1,
        validation_alias="GUIDEPOST_WORKERS",
        ge=1,
        le=1000,
        description="How many processes `guidepost serve` serves with.",
    )
    drain: float = Field(
        default=0.0,
        validation_alias="GUIDEPOST_DRAIN",
        ge=0,
        le=86400,
        description="How long the service goes on answering after SIGTERM, while `/readyz` says "
        "that it is stopping, in seconds.",
    )
    read_connections: int = Field(
        default=4,
        validation_alias="GUIDEPOST_READ_CONNECTIONS",
        ge=1,
        description="The most database connections that reads of published content share. Reads of "
        "drafts have as many of their own. Each worker has its own.",
    )
    connection_limit: int = Field(
        default=1_000,
        validation_alias="GUIDEPOST_CONNECTION_LIMIT",
        ge=1,
        description="The most client connections at once, of each worker.",
    )
    idle_timeout: float = Field(
        default=10.0,
        validation_alias="GUIDEPOST_IDLE_TIMEOUT",
        gt=0,
        le=86400,
        description="How long a client may take to send its headers, or may stop reading a "
        "response, in seconds.",
    )
    head_limit: int = Field(
        default=32_768,
        validation_alias="GUIDEPOST_HEAD_LIMIT",
        ge=1,
        description="The largest size of a request's address and headers together, in bytes.",
    )
    body_limit: int = Field(
        default=1_000_000,
        validation_alias="GUIDEPOST_BODY_LIMIT",
        ge=1,
        description="The size of the largest request body, in bytes, also when it is decompressed.",
    )
    document_limit: int = Field(
        default=100_000,
        validation_alias="GUIDEPOST_DOCUMENT_LIMIT",
        ge=1,
        description="The longest GraphQL document, in characters.",
    )
    token_limit: int = Field(
        default=5_000,
        validation_alias="GUIDEPOST_TOKEN_LIMIT",
        ge=1,
        description="The most lexical tokens in a GraphQL document, not counting comments.",
    )
    depth_limit: int = Field(
        default=20,
        validation_alias="GUIDEPOST_DEPTH_LIMIT",
        ge=1,
        description="The deepest nesting of fields.",
    )
    field_limit: int = Field(
        default=1_000,
        validation_alias="GUIDEPOST_FIELD_LIMIT",
        ge=1,
        description="The most fields in an operation, with fragments expanded.",
    )
    object_limit: int = Field(
        default=100,
        validation_alias="GUIDEPOST_OBJECT_LIMIT",
        ge=1,
        description="The most fields with a selection set in an operation.",
    )
    alias_limit: int = Field(
        default=200,
        validation_alias="GUIDEPOST_ALIAS_LIMIT",
        ge=1,
        description="The most aliases in an operation.",
    )
    root_field_limit: int = Field(
        default=20,
        validation_alias="GUIDEPOST_ROOT_FIELD_LIMIT",
        ge=1,
        description="The most root fields in an operation.",
    )
    directive_limit: int = Field(
        default=50,
        validation_alias="GUIDEPOST_DIRECTIVE_LIMIT",
        ge=1,
        description="The most directives in an operation.",
    )
    condition_limit: int = Field(
        default=200,
        validation_alias="GUIDEPOST_CONDITION_LIMIT",
        ge=1,
        description="The most conditions in all arguments, counted as members of objects.",
    )
    planning_limit: int = Field(
        default=2_500,
        validation_alias="GUIDEPOST_PLANNING_LIMIT",
        ge=1,
        description="The estimated number of pieces that the SQL statement of an operation may "
        "have.",
    )
    value_limit: int = Field(
        default=10_000,
        validation_alias="GUIDEPOST_VALUE_LIMIT",
        ge=1,
        description="The most values in the variables of a request, nested ones included.",
    )
    cost_limit: int = Field(
        default=20_000,
        validation_alias="GUIDEPOST_COST_LIMIT",
        ge=1,
        description="The highest cost of an operation.",
    )
    statement_timeout: float = Field(
        default=10.0,
        validation_alias="GUIDEPOST_STATEMENT_TIMEOUT",
        gt=0,
        le=86400,
        description="How long the database may take for one read, in seconds.",
    )
    deadline: float = Field(
        default=15.0,
        validation_alias="GUIDEPOST_DEADLINE",
        gt=0,
        le=86400,
        description="How long a request may take in all, in seconds, from receiving its body "
        "to its response.",
    )
    explorer: bool = Field(
        default=True,
        validation_alias="GUIDEPOST_EXPLORER",
        description="Whether to show the explorer to browsers.",
    )
    metrics: bool = Field(
        default=False,
        validation_alias="GUIDEPOST_METRICS",
        description="Whether `/metrics` shows the figures of a worker to everybody.",
    )
    cors_origins: str = Field(
        default="*",
        validation_alias="GUIDEPOST_CORS_ORIGINS",
        description="The origins whose pages may read responses: `*` for any, or a list such as "
        "https://a.example,https://b.example; `none` for none but Guidepost's own.",
    )
    anonymous: bool = Field(
        default=True,
        validation_alias="GUIDEPOST_ANONYMOUS",
        description="Whether published content can be read without a token.",
    )
    documents: Literal["any", "registered"] = Field(
        default="any",
        validation_alias="GUIDEPOST_DOCUMENTS",
        description="The GraphQL documents that are answered without a token: `any`, or only "
        "`registered` ones.",
    )

    response_cache: int = Field(
        default=64_000_000,
        validation_alias="GUIDEPOST_RESPONSE_CACHE",
        ge=0,
        description="The memory for responses that are kept, in bytes, in each worker; 0 keeps "
        "none.",
    )
    cache_tags: TagsPreset = Field(
        default=TagsPreset.NONE,
        validation_alias="GUIDEPOST_CACHE_TAGS",
        description="Whose header has the tags of a response: `fastly`, `cloudflare`, `vercel`, "
        "`netlify`, `bunny`, `varnish` or `cache-groups` (RFC 9875); `none` for no tags.",
    )
    cdn_max_age: int = Field(
        default=0,
        validation_alias="GUIDEPOST_CDN_MAX_AGE",
        ge=0,
        description="How long a CDN may serve a response without asking, in seconds.",
    )
    cdn_stale_while_revalidate: int = Field(
        default=0,
        validation_alias="GUIDEPOST_CDN_STALE_WHILE_REVALIDATE",
        ge=0,
        description="How long a CDN may go on to serve a response while it asks, in seconds.",
    )
    cdn_stale_if_error: int = Field(
        default=86_400,
        validation_alias="GUIDEPOST_CDN_STALE_IF_ERROR",
        ge=0,
        description="How long a CDN may go on to serve a response while there is no other, in "
        "seconds.",
    )
    deleted_share: float = Field(
        default=0.1,
        validation_alias="GUIDEPOST_DELETED_SHARE",
        ge=0,
        le=1,
        description="The share of a folder's items that `content apply --delete` deletes without "
        "confirmation. Up to 10 items never need it.",
    )
    migration_patience: float = Field(
        default=300.0,
        validation_alias="GUIDEPOST_MIGRATION_PATIENCE",
        ge=0.001,
        le=86400,
        description="How long a migration waits for another one, or retries when it cannot get a "
        "lock, in seconds.",
    )
    migration_lock_timeout: float = Field(
        default=2.0,
        validation_alias="GUIDEPOST_MIGRATION_LOCK_TIMEOUT",
        ge=0.001,
        le=86400,
        description="How long a migration may wait for a lock, and hold up readers, before it is "
        "rolled back and retried, in seconds.",
    )
    migration_statement_timeout: float = Field(
        default=5.0,
        validation_alias="GUIDEPOST_MIGRATION_STATEMENT_TIMEOUT",
        ge=0.001,
        le=86400,
        description="How long a statement of a migration that locks a table may run, in seconds.",
    )
    revision_days: float = Field(
        default=0.0,
        validation_alias="GUIDEPOST_REVISION_DAYS",
        ge=0,
        description="How long revisions are kept, in days; 0 keeps them forever. The newest of "
        "each item is always kept.",
    )

    change_days: float = Field(
        default=30.0,
        validation_alias="GUIDEPOST_CHANGE_DAYS",
        gt=0,
        description="How long it is known what each version of the content changed, in days.",
    )

    @field_validator("cors_origins")
    @classmethod
    def _check_origins(cls, value: str) -> str:
        wrong = [each for each in _listed(value) if not _ORIGIN.fullmatch(each)]
        if value not in {"*", "none"} and (wrong or not value):
            raise ValueError(
                f"{', '.join(map(repr, wrong))} is not an origin; use `*`, `none`, or origins such "
                "as https://www.example.com, with commas in between and no path"
            )
        return value

    @property
    def origins(self) -> frozenset[str]:
        """The origins whose pages may read answers, or `*`."""
        return frozenset() if self.cors_origins == "none" else frozenset(_listed(self.cors_origins))

    @property
    def revisions_kept_for(self) -> timedelta | None:
        """How long revisions are kept; None for ever."""
        return timedelta(days=self.revision_days) if self.revision_days else None

    @property
    def changes_kept_for(self) -> timedelta:
        """How long it is known what each version of the content changed."""
        return timedelta(days=self.change_days)

    @classmethod
    def read(cls) -> Self:
        """Read the environment; raises `SettingsError` for every value that cannot be used."""
        try:
            return cls()
        except ValidationError as error:
            lines = [
                f"{each['loc'][0]}={each['input']!r}: {each['msg']}" for each in error.errors()
            ]
            raise SettingsError("\n".join(lines)) from error


def _listed(text: str) -> list[str]:
    return [each.strip() for each in text.split(",")]


def settings_table() -> list[tuple[str, str, str, str]]:
    """Name, type, default and help of every setting, as docs/settings.md shows them."""
    return [
        (
            str(field.validation_alias),
            _TYPES.get(field.annotation, "text"),
            _default(field.default),
            str(field.description),
        )
        for field in Settings.model_fields.values()
    ]


_TYPES: dict[object, str] = {int: "number", float: "number", bool: "true or false", Path: "path"}


def _default(value: object) -> str:
    """A default as it is written in the environment."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
