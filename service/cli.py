"""The command line: `guidepost serve`, `migrate`, `squash`, and groups of commands.

A command is imported when it is called: all of them together take a second of processor time.
"""

import signal
import sys
import threading
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

from cyclopts import App, CycloptsError

from service import __version__
from service.console import console, print_json, say
from service.errors import GuidepostError
from service.garbage import collecting_later

_SIGNALLED = 128
"""What shells add to a signal's number for the exit code of a process that it has ended."""

app = App(name="guidepost", help="A GraphQL backend for recruiting guides.", version=__version__)
app.command(
    "service.commands.content:content",
    help="Export, plan and apply content as a folder of documents.",
)
app.command(
    "service.commands.documents:documents",
    help="Register, check, list and retire the GraphQL documents of clients.",
)
app.command(
    "service.commands.migrate:migrate",
    help="""Migrate the database to the revision of the code, while the service keeps running.

    If another migration is running, the command waits for it. If a lock is not available, it tries
    again. It gives up after GUIDEPOST_MIGRATION_PATIENCE seconds.
    """,
)
app.command(
    "service.commands.schema:schema",
    help="Print the GraphQL schema, or the JSON Schema of documents.",
)
app.command("service.commands.serve:serve", help="Serve GraphQL over HTTP.")
app.command(
    "service.commands.squash:squash",
    help="""Squash the revisions of the database up to REVISION into one file.

    New databases run this one instead of all of them. Databases at REVISION or later stay as they
    are. A database at an older revision is refused, and so is a downgrade past REVISION: squash
    only what all databases have run.

    The command runs the old revisions, and the new one, on scratch databases in an embedded
    PostgreSQL of its own. It replaces the files only if both databases are the same. It does not
    touch the database of the project.
    """,
)
app.command(
    "service.commands.token:token",
    help="Create, list and revoke the tokens of clients.",
)


def main() -> NoReturn:
    """Run the command of this process."""
    signal.signal(signal.SIGTERM, _terminate)
    # Also where the parent ignores it, as shells do for what they run in the background.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # A terminal that is closed ends what runs in it; uvicorn knows SIGTERM and not this.
    # `nohup` has it ignored.
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))
    sys.unraisablehook = _resend
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run a command; the exit code. What a person can mend is said in a line, and is 1.

    So is a command that there is not: 2 is an answer of `content plan`. With `--json` an error is
    printed as JSON too, on stdout, whatever the command.
    """
    is_json = "--json" in arguments
    try:
        with collecting_later():
            command, bound, _ = app.parse_args(arguments, exit_on_error=False)
        return command(*bound.args, **bound.kwargs) or 0
    except CycloptsError as error:  # which has said what is wrong
        if is_json:
            print_json({"error": {"message": str(error), "problems": []}})
        return 1
    except GuidepostError as error:
        # Of the sentence nothing is markup: it quotes what people wrote.
        console.print("error: ", style="red", end="")
        say(str(error))
        if is_json:
            print_json({"error": error.as_json()})
        return 1
    except KeyboardInterrupt:
        return _SIGNALLED + signal.SIGINT


def _terminate(number: int, _: FrameType | None) -> NoReturn:
    """Leave as from an error, so that what was started is stopped."""
    sys.exit(_SIGNALLED + number)


def _resend(lost: "sys.UnraisableHookArgs") -> None:
    """Send a signal again that came while a finalizer ran, from which nothing can be raised."""
    match lost.exc_value:
        case KeyboardInterrupt():
            number = signal.SIGINT
        case SystemExit(code=int(code)) if code > _SIGNALLED:
            number = signal.Signals(code - _SIGNALLED)
        case _:
            sys.__unraisablehook__(lost)
            return
    # From another thread and a moment later, when the finalizer may have ended. If it has not, the
    # signal comes here once more.
    ident = threading.main_thread().ident
    threading.Timer(0.05, signal.pthread_kill, [ident, number]).start()
