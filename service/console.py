"""What commands say to people."""

from rich.console import Console

console = Console(stderr=True, highlight=False, soft_wrap=True)


def say(line: str) -> None:
    """Say a line on stderr, as it is: stdout is for what other programs read."""
    console.print(line, markup=False)
