"""The settings: one frozen value, read from the environment once and passed down.

The table in the README is this table; a test compares them.
"""

import re
from datetime import timedelta
from pathlib import Path
from typing import Self

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from service.errors import SettingsError

_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s,?#@A-Z]+")
"""As browsers send them, in lower case; those of apps may have any scheme."""


class Settings(BaseSettings):
    """Each field is a setting; its alias is the environment variable."""

    model_config = SettingsConfigDict(frozen=True, populate_by_name=True, env_ignore_empty=True)

    database_url: str | None = Field(
        default=None,
        validation_alias="DATABASE_URL",
        description="A PostgreSQL server, 15 or newer: postgresql://user:password@host/database. "
        "Without it Guidepost runs its own.",
    )
    data: Path = Field(
        default=Path(".guidepost"),
        validation_alias="GUIDEPOST_DATA",
        description="The folder of the embedded PostgreSQL.",
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
        default=8000, validation_alias="PORT", ge=0, le=65535, description="The port; 0 for any."
    )
    read_connections: int = Field(
        default=4,
        validation_alias="GUIDEPOST_READ_CONNECTIONS",
        ge=1,
        description="How many connections to the database reads share, at most.",
    )
    connection_limit: int = Field(
        default=1_000,
        validation_alias="GUIDEPOST_CONNECTION_LIMIT",
        ge=1,
        description="How many clients are connected, at most.",
    )
    idle_timeout: float = Field(
        default=10.0,
        validation_alias="GUIDEPOST_IDLE_TIMEOUT",
        gt=0,
        le=86400,
        description="How long a client may take to send its headers, or to read on, in seconds.",
    )
    head_limit: int = Field(
        default=32_768,
        validation_alias="GUIDEPOST_HEAD_LIMIT",
        ge=1,
        description="The size of the address and the headers of a request, in bytes, at most.",
    )
    body_limit: int = Field(
        default=1_000_000,
        validation_alias="GUIDEPOST_BODY_LIMIT",
        ge=1,
        description="The size of the largest request body, in bytes.",
    )
    document_limit: int = Field(
        default=100_000,
        validation_alias="GUIDEPOST_DOCUMENT_LIMIT",
        ge=1,
        description="The longest document, in characters.",
    )
    token_limit: int = Field(
        default=5_000,
        validation_alias="GUIDEPOST_TOKEN_LIMIT",
        ge=1,
        description="The most tokens in a document, without comments.",
    )
    depth_limit: int = Field(
        default=20,
        validation_alias="GUIDEPOST_DEPTH_LIMIT",
        ge=1,
        description="The most fields within one another.",
    )
    field_limit: int = Field(
        default=1_000,
        validation_alias="GUIDEPOST_FIELD_LIMIT",
        ge=1,
        description="The most fields in an operation, its fragments put in.",
    )
    object_limit: int = Field(
        default=100,
        validation_alias="GUIDEPOST_OBJECT_LIMIT",
        ge=1,
        description="The most fields with a selection of their own.",
    )
    alias_limit: int = Field(
        default=200,
        validation_alias="GUIDEPOST_ALIAS_LIMIT",
        ge=1,
        description="The most fields under another name.",
    )
    root_field_limit: int = Field(
        default=20,
        validation_alias="GUIDEPOST_ROOT_FIELD_LIMIT",
        ge=1,
        description="The most fields of the root.",
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
        description="The most that `where` and `orderBy` may say, in members of objects.",
    )
    planning_limit: int = Field(
        default=2_500,
        validation_alias="GUIDEPOST_PLANNING_LIMIT",
        ge=1,
        description="The most pieces that the statement of an operation may have, about.",
    )
    value_limit: int = Field(
        default=10_000,
        validation_alias="GUIDEPOST_VALUE_LIMIT",
        ge=1,
        description="The most values in the variables.",
    )
    cost_limit: int = Field(
        default=20_000,
        validation_alias="GUIDEPOST_COST_LIMIT",
        ge=1,
        description="The most that an operation may cost.",
    )
    statement_timeout: float = Field(
        default=10.0,
        validation_alias="GUIDEPOST_STATEMENT_TIMEOUT",
        gt=0,
        le=86400,
        description="How long the database may work on one read, in seconds.",
    )
    deadline: float = Field(
        default=15.0,
        validation_alias="GUIDEPOST_DEADLINE",
        gt=0,
        le=86400,
        description="How long a request may take, in seconds: its body, a connection, the read.",
    )
    explorer: bool = Field(
        default=True,
        validation_alias="GUIDEPOST_EXPLORER",
        description="Whether browsers are shown the explorer.",
    )
    cors_origins: str = Field(
        default="*",
        validation_alias="GUIDEPOST_CORS_ORIGINS",
        description="The origins whose pages may read answers: `*` for any, or a list such as "
        "https://a.example,https://b.example; `none` for no other.",
    )
    anonymous: bool = Field(
        default=True,
        validation_alias="GUIDEPOST_ANONYMOUS",
        description="Whether published content is read without a token.",
    )

    deleted_share: float = Field(
        default=0.1,
        validation_alias="GUIDEPOST_DELETED_SHARE",
        ge=0,
        le=1,
        description="The share of what a folder brought that `content apply --delete` deletes "
        "without a question, and 10 items at least.",
    )
    migration_patience: float = Field(
        default=300.0,
        validation_alias="GUIDEPOST_MIGRATION_PATIENCE",
        ge=0.001,
        le=86400,
        description="How long a migration waits for another one, and tries again where others are "
        "in its way, in seconds.",
    )
    migration_lock_timeout: float = Field(
        default=2.0,
        validation_alias="GUIDEPOST_MIGRATION_LOCK_TIMEOUT",
        ge=0.001,
        le=86400,
        description="How long a migration may wait for a lock, and hold up readers, before it is "
        "undone to be tried again, in seconds.",
    )
    migration_statement_timeout: float = Field(
        default=5.0,
        validation_alias="GUIDEPOST_MIGRATION_STATEMENT_TIMEOUT",
        ge=0.001,
        le=86400,
        description="How long a statement of a migration that locks a table may work, in seconds.",
    )
    revision_days: float = Field(
        default=0.0,
        validation_alias="GUIDEPOST_REVISION_DAYS",
        ge=0,
        description="How long revisions are kept, in days, but for the newest of each item; "
        "0 for ever.",
    )

    @field_validator("cors_origins")
    @classmethod
    def _check_origins(cls, value: str) -> str:
        wrong = [each for each in _listed(value) if not _ORIGIN.fullmatch(each)]
        if value not in {"*", "none"} and (wrong or not value):
            raise ValueError(
                f"{', '.join(map(repr, wrong))} is no origin; write `*`, `none`, or origins such "
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
    """Name, type, default and help of every setting, as the README shows them."""
    return [
        (
            str(field.validation_alias),
            _TYPES.get(field.annotation, "text"),
            "" if field.default is None else str(field.default),
            str(field.description),
        )
        for field in Settings.model_fields.values()
    ]


_TYPES: dict[object, str] = {int: "number", float: "number", bool: "True or False", Path: "path"}
