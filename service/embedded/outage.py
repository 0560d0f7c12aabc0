"""Why the server is away; one process watches it, and others may have to say why."""

from multiprocessing.sharedctypes import RawArray

_LONGEST = 4_000
"""The most bytes of a problem that other processes see."""


class Outage:
    """Why the server is away.

    `problem` is None while it runs, and while it is first started again.
    """

    problem: str | None = None


class SharedOutage(Outage):
    """One that the processes see, too, to which it is passed when they are started."""

    def __init__(self) -> None:
        self._text = RawArray("c", _LONGEST)

    @property
    def problem(self) -> str | None:
        """The problem, as any process has set it last."""
        return self._text.value.decode(errors="replace") or None

    @problem.setter
    def problem(self, problem: str | None) -> None:
        self._text.value = (problem or "").encode()[:_LONGEST]
