"""Relay compiles, pages through a connection, and refetches what it read by the id alone."""

from tests.clients.projects import Project
from tests.clients.test_caches import FRENCH


def test_relay(project: Project) -> None:
    project.follow("Relay")
    project.take_schema()
    project.take("requests.mjs", "relay.mjs")
    project.take("Pages.ts", to="src")
    project.run("relay-compiler", "--noWatchman")
    project.run("esbuild", "relay.mjs", "--bundle", "--format=esm", "--outfile=bundled.mjs")
    found = project.show("node", "bundled.mjs")
    assert (found["first"]["title"], found["first"]["stage"]) == (FRENCH, "DRAFT")
    assert found["first"]["locale"] == "fr"
    # Nothing but the id is sent, and the English page stays English.
    assert [*found["variables"]] == ["id"]
    assert found["again"] == found["first"]
    assert (found["english"]["locale"], found["english"]["stage"]) == ("en", "LIVE")
    # What names an item in a language is not taken for the item.
    assert {each["locale"] for each in found["pages"]["translations"]} == {"en", "fr", "nl"}
    # Each page adds its edges to those before.
    assert found["lengths"][:2] == [2, 4]
    assert len({*found["names"]}) == len(found["names"]) == found["lengths"][-1]
