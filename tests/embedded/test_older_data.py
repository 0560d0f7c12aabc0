"""What docs/embedded-postgresql.md says carries data over from an older PostgreSQL."""

import os
import re
import sys
from pathlib import Path

import pytest

from service.commands.startup import check
from service.database.pools import reading
from service.embedded import binaries, embedded_postgres
from service.embedded.account import account_for, ourselves
from service.errors import EmbeddedError
from service.migrations.revisions import upgrade
from service.roles import READER
from service.settings import Settings
from tests.databases import PROJECT, rows
from tests.documentation import blocks, page

OLD = 16
BLOCKS = blocks(page("docs/embedded-postgresql.md"), "sh")


@pytest.fixture
def older(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder that an older wheel made, with the guides."""
    with monkeypatch.context() as patch:
        patch.setattr(binaries, "_INSTALLATIONS", ("pginstall",))
        with embedded_postgres(fresh) as url:
            upgrade(Settings(project=PROJECT), url, lambda _: None)
    return fresh


async def test_data_of_an_older_version_can_be_carried_over(older: Path) -> None:
    refused = pytest.raises(EmbeddedError, match=f"data of PostgreSQL {OLD}")
    with refused as caught, embedded_postgres(older):
        pass
    said = re.search(r"\((NEW=\S+), (OLD=\S+)\)", str(caught.value))
    assert said, caught.value
    account = account_for(older)
    variables = [
        *said.groups(),
        f"DATA={older}",
        f"PATH={Path(sys.executable).parent}:{os.defpath}",
        f"GUIDEPOST_DATA={older}",
        f"GUIDEPOST_PROJECT={PROJECT}",
        f"PYTHONPATH={os.environ.get('PYTHONPATH', '')}",
    ]
    for block, by in zip(BLOCKS, (account, ourselves(), account, ourselves()), strict=True):
        done = by.run("/usr/bin/env", *variables, "/bin/sh", "-euc", block)
        assert done.returncode == 0, f"{block}{done.stdout}{done.stderr}"
    with embedded_postgres(older) as url:
        await check(Settings(project=PROJECT), url, serving=True)
        assert await rows(url, "show server_version_num") >= [("180000",)]
        async with reading(url, 1, role=READER) as reader:
            statement = "select convert_to(count(*)::text, 'UTF8') from live.guide"
            assert int(await reader.json(statement, [])) > 0
    assert not {"cluster.old", "password.old"} & {entry.name for entry in os.scandir(older)}
