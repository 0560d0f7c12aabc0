"""GraphQL over HTTP as its reference implementation audits it: the npm package graphql-http."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.databases import PROJECT

AUDIT = PROJECT / "tests/audit"
CHECKS = 61
# The machine's node and npm, or those that the extra `explorer` put beside this Python.
PATH = os.pathsep.join([os.environ["PATH"], str(Path(sys.executable).parent)])


def run(program: str, *arguments: str) -> str:
    found = shutil.which(program, path=PATH)
    assert found, f"the audit needs {program}"
    done = subprocess.run(
        [found, *arguments],
        cwd=AUDIT,
        env={**os.environ, "PATH": PATH},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


async def test_every_check_of_the_audit_passes(base_url: str) -> None:
    await asyncio.to_thread(run, "npm", "ci", "--no-audit", "--no-fund", "--prefer-offline")
    found = json.loads(await asyncio.to_thread(run, "node", "audit.mjs", f"{base_url}/graphql"))
    assert len(found) == CHECKS
    assert [each for each in found if each["status"] != "ok"] == []
