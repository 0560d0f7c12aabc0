"""What commands say to people, and what they print for programs."""

import sys
from typing import Any

import orjson
from rich.console import Console

console = Console(stderr=True, highlight=False, soft_wrap=True)


def say(line: str) -> None:
    """Say a line on stderr, as it is: stdout is for what other programs read."""
    console.print(line, markup=False)


def print_json(value: Any) -> None:
    """Print a value as JSON on stdout."""
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() + "\n")
