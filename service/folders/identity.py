"""The names of folders, by which the database knows what each of them brought.

The name is stored in the folder, so it stays when the folder is moved or cloned. A copy that is to
be a folder of its own needs another name.
"""

import tomllib
from pathlib import Path
from re import sub
from secrets import token_hex

from service.errors import GuidepostError

FILE = "guidepost.toml"
"""The file beside the documents that holds the name."""
LONGEST = 100

_TEXT = """\
# The name of this folder of documents. `guidepost content apply --delete` deletes only what a
# folder of this name brought. Keep it with the documents; change it in a copy that is another one.
folder = "{}"
"""


def name_of(directory: Path) -> str | None:
    """The name of a folder; None if it has none. Raises `GuidepostError` if it cannot be read."""
    file = directory / FILE
    try:
        found = tomllib.loads(file.read_text("utf-8")).get("folder")
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise GuidepostError(f"{file} cannot be read: {error}") from error
    if isinstance(found, str) and found.isprintable() and 0 < len(found) <= LONGEST:
        return found
    raise GuidepostError(
        f'{file} does not name the folder; write folder = "…" with 1 to {LONGEST} characters'
    )


def give_name(directory: Path) -> str | None:
    """Give a folder without a name a new one, and return it; None if the folder is not writable."""
    word = sub("[^a-z0-9]+", "-", directory.resolve().name.lower()).strip("-")[:40] or "content"
    name = f"{word}-{token_hex(4)}"
    try:
        # Another process may do this at the same time.
        with (directory / FILE).open("x", encoding="utf-8") as file:
            file.write(_TEXT.format(name))
    except FileExistsError:
        return name_of(directory)
    except OSError:
        return None
    return name
