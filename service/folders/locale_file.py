"""The file of locales in a folder of documents. Migrations make the locales what it says.

    en:
      name: English
      default: true
    nl:
      name: Nederlands
      fallback: en

`renamed_from` has the code that a locale had before.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schema.errors import ErrorCode
from schema.locales import Locales
from service.documents.checking import nearest
from service.documents.files import LOCALES, DocumentFile, read_files, sorted_out
from service.documents.problems import ContentError, Problem
from service.documents.values import boolean, text
from service.editing.locales import LocaleDefinition, as_locales, problems_of

RENAMED_FROM = "renamed_from"
_KEYS = {"fallback": text, "name": text, "default": boolean, RENAMED_FROM: text}


@dataclass(frozen=True)
class LocaleFile:
    """The locales of a folder."""

    document: DocumentFile
    locales: Mapping[str, LocaleDefinition]
    renamed: Mapping[str, str]
    """The former codes of locales, by code."""

    @property
    def known(self) -> Locales:
        """The locales as documents are checked against them."""
        return as_locales(self.locales)


def read_locales(directory: Path) -> LocaleFile | None:
    """The locales of a folder; None if it has no such file. Raises `ContentError`."""
    file = directory / LOCALES
    if not file.is_file():
        return None
    problems: list[Problem] = []
    for document in sorted_out(read_files([file]), problems):
        found = {
            code: _entry(document, code, each, problems)
            for code, each in _entries(document, problems)
        }
        locales = {code: _definition(each) for code, each in found.items()}
        wrong = problems_of(locales) if not problems else ()
        problems += (document.problem(each.code, each.path, each.message) for each in wrong)
        renamed = {code: it[RENAMED_FROM] for code, it in found.items() if RENAMED_FROM in it}
        if not problems:
            return LocaleFile(document, locales, renamed)
    raise ContentError(problems)


def refuse_other_locales(directory: Path, there: Locales) -> None:
    """Raise `ContentError` if a folder has a file of locales, and there are others."""
    file = read_locales(directory)
    if file is None:
        return
    if problems := [*_differences(file, there)]:
        raise ContentError(problems)


def _differences(file: LocaleFile, there: Locales) -> Iterator[Problem]:
    known = ", ".join(sorted(there.codes))
    how = "a migration changes locales: `alembic revision --autogenerate` writes it"
    for code, each in file.locales.items():
        fallback = next(iter(there.fallbacks.get(code, ())), None)
        if code not in there.codes:
            message = f"the database has no locale {code!r}, but {known}; {how}"
            yield file.document.problem(ErrorCode.UNKNOWN_LOCALE, (code,), message)
        elif each.fallback != fallback:
            message = f"is {each.fallback!r}, but {fallback!r} in the database; {how}"
            yield file.document.problem(ErrorCode.BAD_VALUE, (code, "fallback"), message)
    for code in sorted(there.codes - file.locales.keys()):
        message = f"lacks the locale {code!r} of the database; {how}"
        yield file.document.problem(ErrorCode.UNKNOWN_LOCALE, (), message)


def _entries(document: DocumentFile, problems: list[Problem]) -> Iterator[tuple[str, Any]]:
    for code, each in document.content.items():
        if not isinstance(code, str):
            message = f"expected the code of a locale, such as nl, got {code!r}; put it in quotes"
            problems.append(document.problem(ErrorCode.BAD_VALUE, (), message))
        elif not isinstance(each, Mapping):
            message = f"expected a map with {', '.join(_KEYS)}"
            problems.append(document.problem(ErrorCode.BAD_VALUE, (code,), message))
        else:
            yield code, each


def _entry(
    document: DocumentFile, code: str, entry: Mapping[str, Any], problems: list[Problem]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in entry.items():
        check = _KEYS.get(key)
        if check is None:
            hint = nearest(str(key), [*_KEYS]) or f"; it may be {', '.join(_KEYS)}"
            message = f"a locale has no such key{hint}"
            problems.append(document.problem(ErrorCode.UNKNOWN_FIELD, (code, str(key)), message))
            continue
        try:
            found[key] = check(value)
        except ValueError as error:
            problems.append(document.problem(ErrorCode.BAD_VALUE, (code, key), str(error)))
    return found


def _definition(entry: Mapping[str, Any]) -> LocaleDefinition:
    return LocaleDefinition(entry.get("fallback"), entry.get("name"), entry.get("default", False))
