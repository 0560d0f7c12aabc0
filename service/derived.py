"""What is derived from code, kept as JSON beside Python's bytecode.

Like bytecode it is made anew by itself, it may be missing, and nobody but who may change the code
may change it. It can never be stale: it is kept under a digest of all that it is derived from, and
of the versions of Python and of the libraries that derive it.
"""

import platform
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson


def derived(
    folder: Path,
    name: str,
    sources: Iterable[Path],
    libraries: Iterable[str],
    derive: Callable[[], Any],
) -> Any:
    """What `derive` makes of the sources; what it made before, unless one of these has changed.

    It is kept in the folder's `__pycache__`, and nowhere where that cannot be written to. It has to
    be JSON, and comes back as such.
    """
    key = _key(sources, libraries)
    file = folder / "__pycache__" / f"{name}.{sys.implementation.cache_tag}.json"
    found = _kept(file)
    if isinstance(found, dict) and found.get("key") == key:
        return found["value"]
    value = derive()
    with suppress(OSError):
        _keep(file, orjson.dumps({"key": key, "value": value}))
    return value


def _key(sources: Iterable[Path], libraries: Iterable[str]) -> str:
    digest = sha256(platform.python_version().encode())
    for library in libraries:
        digest.update(f"{library} {version(library)}\n".encode())
    for path in sorted(sources):
        digest.update(f"{path.name} {path.stat().st_size}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _kept(file: Path) -> Any:
    with suppress(OSError, orjson.JSONDecodeError):
        return orjson.loads(file.read_bytes())
    return None


def _keep(file: Path, content: bytes) -> None:
    """A reader finds all of it, or what was there before."""
    file.parent.mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as fresh:
        fresh.write(content)
    path = Path(fresh.name)
    path.chmod(0o644)
    path.replace(file)
