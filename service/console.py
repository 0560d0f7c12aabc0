"""What commands say to people, and what they print for programs."""

import sys
from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from rich.console import Console
from rich.text import Text

console = Console(stderr=True, highlight=False, soft_wrap=True)


def say(line: str) -> None:
    """Say a line on stderr, as it is: stdout is for what other programs read."""
    console.print(line, markup=False)


def print_lines(lines: Iterable[Text]) -> None:
    """Print lines on stdout, in colours if it is a terminal."""
    out = Console(highlight=False, soft_wrap=True)
    for line in lines:
        if out.is_terminal:
            out.print(line)
        else:
            # Rich would take a tenth of a millisecond for each.
            sys.stdout.write(f"{line.plain}\n")


def print_json(value: Any) -> None:
    """Print a value as JSON on stdout."""
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() + "\n")


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines in which the cells of a column stand below one another."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
