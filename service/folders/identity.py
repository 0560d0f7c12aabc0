"""The names of folders, by which it is known what each of them brought.

A name stands in the folder itself, and so goes with it: where the folder is moved, and in each of
its clones. A copy that is to be a folder of its own gets another name.
"""

import tomllib
from pathlib import Path
from re import sub
from secrets import token_hex

from service.errors import GuidepostError

FILE = "guidepost.toml"
"""What holds the name, beside the documents."""
LONGEST = 100

_TEXT = """\
# The name of this folder of documents. `guidepost content apply --delete` deletes only what a
# folder of this name brought. Keep it with the documents; change it in a copy that is another one.
folder = "{}"
"""


def name_of(directory: Path) -> str | None:
    """The name of a folder, if it has one; raises `GuidepostError` where it cannot be read."""
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
        f'{file} has no name in it; write folder = "…" with 1 to {LONGEST} characters'
    )


def give_name(directory: Path) -> str | None:
    """Give a folder that has no name a new one; None where nothing can be written there."""
    word = sub("[^a-z0-9]+", "-", directory.resolve().name.lower()).strip("-")[:40] or "content"
    name = f"{word}-{token_hex(4)}"
    try:
        # Somebody else may do so at the same time.
        with (directory / FILE).open("x", encoding="utf-8") as file:
            file.write(_TEXT.format(name))
    except FileExistsError:
        return name_of(directory)
    except OSError:
        return None
    return name
