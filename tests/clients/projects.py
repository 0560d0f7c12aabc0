"""Projects of developers who follow docs/clients.md: its files, and the packages of the clients."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.databases import PROJECT
from tests.documentation import files, page, section

CLIENTS = Path(__file__).parent
MODULES = CLIENTS / "node_modules"
PACKAGES = CLIENTS / ".packages"
"""For each client in Python, a folder with its packages: they exclude one another."""
BIN = str(Path(sys.executable).parent)
# Node.js from the lock goes first: the machine's may be older than the clients need.
PATH = os.pathsep.join([BIN, os.environ["PATH"]])
SCHEMA = PROJECT / "schema/schema.graphql"
PAGE = page("docs/clients.md")
DOCUMENTED = "http://127.0.0.1:8000"
NOT_INSTALLED = "The clients have not been installed: run `make clients`."
PATIENCE = 120.0


class Project:
    """A folder with a package.json and the packages of all clients."""

    def __init__(self, folder: Path, url: str, token: str) -> None:
        assert (MODULES / ".installed").exists(), NOT_INSTALLED
        self.folder = folder
        self.url = url
        self._token = token
        (folder / "node_modules").symlink_to(MODULES)
        self.write("package.json", '{"name": "site", "type": "module"}')

    def write(self, name: str, text: str) -> None:
        """Write a file; the address of the documentation becomes that of the tests."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace(DOCUMENTED, self.url), "utf-8")

    def follow(self, *headings: str) -> None:
        """Write the files of sections of docs/clients.md."""
        for heading in headings:
            found = files(section(PAGE, f"## {heading}"))
            assert found, heading
            for name, text in found.items():
                self.write(name, text)

    def take(self, *names: str, to: str = ".") -> None:
        """Copy files that lie beside this one into a folder of the project."""
        for name in names:
            self.write(f"{to}/{name}", (CLIENTS / name).read_text("utf-8"))

    def change(self, name: str, old: str, new: str) -> None:
        """Write something else in the place of what a file says."""
        text = (self.folder / name).read_text("utf-8")
        assert old in text, text
        self.write(name, text.replace(old, new))

    def take_schema(self) -> None:
        """Run the script of docs/clients.md that writes the schema to files."""
        self.follow("The schema")
        self.run("node", "schema.mjs")

    def run(self, program: str, *arguments: str, packages: Path | None = None) -> str:
        """Run a program of the clients to its end, which has to be good; what it printed."""
        done = self.attempt(program, *arguments, packages=packages)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def show(self, program: str, *arguments: str) -> Any:
        """Run a program that prints JSON, and warns of nothing."""
        done = self.attempt(program, *arguments)
        assert done.stderr == "", done.stderr
        assert done.returncode == 0, done.stdout
        return json.loads(done.stdout)

    def attempt(
        self, program: str, *arguments: str, packages: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a program of the clients to its end."""
        path = os.pathsep.join([str(MODULES / ".bin"), PATH])
        found = shutil.which(program, path=path)
        assert found, f"there is no {program}"
        settings = {"PATH": path, "TOKEN": self._token}
        if packages:
            settings["PYTHONPATH"] = str(packages)
        return subprocess.run(
            [found, *arguments],
            cwd=self.folder,
            env={**os.environ, **settings},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
