"""Names that mean one thing: `python -m tests.names`.

A second class or type alias of the same name is a problem, and so is a module whose name does not
tell what is in it. The docstring of a package lists its modules, all of them.
"""

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.databases import PROJECT

PACKAGES = ("schema", "service")
TWICE = {
    "CountryCode": "The format of a field, and the GraphQL scalar of that format.",
    "CurrencyCode": "The format of a field, and the GraphQL scalar of that format.",
    "RichText": "The format of a field, and the GraphQL type of that format.",
}
"""Names that two may have, and why."""
EMPTY = {"utils", "util", "helpers", "helper", "common", "core", "manager", "managers", "misc"}
"""Names that any module could have."""
UNLISTED = {
    "schema/entities": "A module for each content type, and what they are declared with.",
    "schema/tables": "A module for each table.",
    "service/explorer": "A page, and the sources of its scripts.",
}
"""Packages whose docstring lists no modules, and why."""


def problems(folder: Path) -> Iterator[str]:
    """What is wrong with the names in the packages of a project."""
    places = defaultdict[str, list[str]](list)
    for package in PACKAGES:
        for file in sorted((folder / package).rglob("*.py")):
            where = str(file.relative_to(folder))
            if {file.stem, file.parent.name} & EMPTY:
                yield f"{where}: name the module after what is in it"
            if file.name == "__init__.py":
                yield from _unlisted(file, where)
            for line, name in _declared(ast.parse(file.read_text("utf-8"))):
                places[name].append(f"{where}:{line}")
    for name, found in places.items():
        if len(found) > 1 and name not in TWICE:
            yield f"{found[-1]}: there is a {name} already: {', '.join(found[:-1])}"


def _unlisted(package: Path, where: str) -> Iterator[str]:
    """The modules of a package that its docstring does not list, and those that are not there."""
    if str(Path(where).parent) in UNLISTED:
        return
    text = ast.get_docstring(ast.parse(package.read_text("utf-8")), clean=False) or ""
    listed = {*re.findall(r"^ *(\w+)  ", text, re.MULTILINE)}
    files = package.parent.glob("[!_]*.py")
    modules = {each.stem for each in files}
    modules |= {each.parent.name for each in package.parent.glob("*/__init__.py")}
    for name in sorted(listed ^ modules):
        wrong = "lists no module" if name in modules else "lists a module that is not there,"
        yield f"{where}: the docstring {wrong} {name}"


def _declared(module: ast.Module) -> Iterator[tuple[int, str]]:
    """The classes and type aliases of a module, each with its line."""
    for node in ast.walk(module):
        if isinstance(node, ast.ClassDef):
            yield node.lineno, node.name
    for node in module.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                # Constants are in capital letters, also those of one letter: type variables.
                if name[0].isupper() and not name.isupper():
                    yield node.lineno, name


def main() -> int:
    """Print every problem; 1 if there is one."""
    found = [*problems(PROJECT)]
    for each in found:
        sys.stdout.write(f"{each}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
