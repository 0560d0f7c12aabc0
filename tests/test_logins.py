"""How a role gets in: with a login of its own where the address's password file has one."""

from pathlib import Path

import pytest

from service.database.logins import Login, login
from service.errors import SettingsError
from service.roles import READER

ASSUMED = Login({}, {"role": READER})
ADDRESS = "postgresql://owner:secret@db:6000/guides"


def passfile(folder: Path, *lines: str) -> str:
    """An address that names a password file."""
    (folder / "some file").write_text("".join(f"{line}\n" for line in lines))
    return f"{ADDRESS}?passfile={folder}/some%20file"


@pytest.mark.parametrize("url", [ADDRESS, "postgresql:///", "postgresql://a,b/guides"])
def test_without_a_password_file_the_user_takes_on_the_role(url: str) -> None:
    assert login(url, READER) == ASSUMED
    assert login(url, None) == Login({}, {})


@pytest.mark.parametrize(
    ("line", "password"),
    [
        (f"*:*:*:{READER}:word", "word"),
        (f"db:6000:guides:{READER}:word", "word"),
        (f"db:*:guides:{READER}:wo:rd", "wo:rd"),
        (rf"*:*:*:{READER}:a\:b\\c", r"a:b\c"),
    ],
)
def test_a_role_that_the_file_has_logs_in(tmp_path: Path, line: str, password: str) -> None:
    url = passfile(tmp_path, f"#*:*:*:{READER}:not", "", f"other:*:*:{READER}:not", line)
    assert login(url, READER) == Login({"user": READER, "password": password}, {})
    assert login(url, None) == Login({}, {})


@pytest.mark.parametrize("query", ["host=/run/postgresql&port=6000", "host=localhost&port=6000"])
def test_a_socket_is_the_local_host(tmp_path: Path, query: str) -> None:
    url = passfile(tmp_path, f"localhost:6000:guides:{READER}:word")
    at_socket = f"{url.replace('db:6000', '')}&{query}"
    assert login(at_socket, READER).options["password"] == "word"


def test_one_that_the_file_has_not_is_taken_on(tmp_path: Path) -> None:
    assert login(passfile(tmp_path, "*:*:*:owner:word", "*:*:*:*:word"), READER) == ASSUMED


@pytest.mark.parametrize("line", ["other:*:*", "*:5432:*", "*:*:other"])
def test_one_that_is_meant_for_elsewhere_is_an_error(tmp_path: Path, line: str) -> None:
    """It would be taken on by whoever may be everyone, and nobody would notice."""
    with pytest.raises(SettingsError, match="has the role guidepost_reader, but not for db:6000:g"):
        login(passfile(tmp_path, f"{line}:{READER}:word"), READER)


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"some file.*DATABASE_URL.*cannot be read"):
        login(f"{ADDRESS}?passfile={tmp_path}/some%20file", READER)
