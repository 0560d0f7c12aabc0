"""A stranger adds a content type: twelve lines, one import, one revision."""

from pathlib import Path
from textwrap import dedent

import httpx2

from tests.copies import Copy
from tests.databases import Server

DECLARATION = '''
from sqlalchemy.orm import Mapped

from schema.entities.content import Content
from schema.entities.fields import Localized, Url
from schema.entities.location import Location
from schema.entities.relations import reference

class Meetup(Content):
    """A regular meeting of people of one trade."""
    name: Mapped[Localized]
    website: Mapped[Url | None]
    location: Mapped[Location] = reference(reverse="meetups")
'''.lstrip()
IMPORT = "from schema.entities.meetup import Meetup as Meetup\n"
FIELD = "    capacity: Mapped[int | None]\n"

DOCUMENTS = {
    "place": """
        type: Location
        slug: bruges
        name: {en: Bruges, nl: Brugge}
        kind: CITY
    """,
    "meetup": """
        type: Meetup
        slug: ghent-py
        name: {en: Python in Ghent, nl: Python in Gent}
        website: https://example.org/ghent-py
        location: bruges
    """,
}

QUERY = """{
    meetup(slug: "ghent-py", locale: "nl") { id name website location { name } }
    meetups { totalCount nodes { slug } }
    location(slug: "bruges") { meetups { nodes { name location { slug } } } }
}"""

MUTATION = """mutation {
    saveMeetup(document: { slug: "ghent-js", name: { en: "JS" }, location: "bruges" }) {
        meetup { name revisions { totalCount } } errors { message }
    }
    publish(slugs: [{ type: MEETUP, slug: "ghent-js" }]) {
        published { ... on Meetup { slug status location { meetups { totalCount } } } }
        errors { message }
    }
}"""


async def test_a_type_in_twelve_lines(server: Server, template: str, tmp_path: Path) -> None:
    assert len([line for line in DECLARATION.splitlines() if line]) <= 12
    async with server.new(template) as url:
        copy = Copy(tmp_path / "project", url)
        entities = copy.folder / "schema/entities"
        (entities / "meetup.py").write_text(DECLARATION)
        with (entities / "__init__.py").open("a") as imports:
            imports.write(IMPORT)
        await copy.run("-m", "alembic", "revision", "--autogenerate", "-m", "Meetups")
        await copy.run("-m", "alembic", "upgrade", "head")
        await copy.run("-m", "alembic", "check")
        documents = tmp_path / "documents"
        documents.mkdir()
        for name, text in DOCUMENTS.items():
            (documents / f"{name}.yaml").write_text(dedent(text).lstrip())
        said = await copy.guidepost("content", "apply", str(documents), "--publish")
        assert "2 created" in said
        answer = httpx2.Response(200, text=await copy.ask(QUERY)).json()
        assert answer["meetup"].pop("id").startswith("meetup_")
        assert answer == {
            "meetup": {
                "name": "Python in Gent",
                "website": "https://example.org/ghent-py",
                "location": {"name": "Brugge"},
            },
            "meetups": {"totalCount": 1, "nodes": [{"slug": "ghent-py"}]},
            "location": {
                "meetups": {"nodes": [{"name": "Python in Ghent", "location": {"slug": "bruges"}}]}
            },
        }
        answer = httpx2.Response(200, text=await copy.ask(MUTATION)).json()
        assert answer["saveMeetup"] == {
            "meetup": {"name": "JS", "revisions": {"totalCount": 1}},
            "errors": [],
        }
        location = {"meetups": {"totalCount": 2}}
        assert answer["publish"] == {
            "published": [{"slug": "ghent-js", "status": "PUBLISHED", "location": location}],
            "errors": [],
        }


async def test_a_field_in_one_line(database: str, tmp_path: Path) -> None:
    copy = Copy(tmp_path / "project", database)
    with (copy.folder / "schema/entities/university.py").open("a") as declaration:
        declaration.write(FIELD)
    said = await copy.run("-m", "alembic", "revision", "--autogenerate", "-m", "Capacity")
    assert "draft.university.capacity" in said
    assert "live.university.capacity" in said
    await copy.run("-m", "alembic", "upgrade", "head")
    await copy.run("-m", "alembic", "check")
    assert "capacity: Int" in await copy.guidepost("schema", "print")
