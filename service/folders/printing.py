"""Plans as text for people."""

import re
from collections.abc import Collection, Iterator, Sequence
from difflib import unified_diff
from typing import Any

from rich.text import Text

from service.documents.problems import Path, format_path
from service.documents.records import Key
from service.editing.changes import Change, changes
from service.editing.merging import Conflict
from service.folders.items import LIVE, Item, PlannedAction
from service.folders.plans import FolderPlan, quoted, visible
from service.messages import shortened

LONG = 60
"""A text of more characters than this is shown line by line."""

_LONGEST = 1_000
"""The most characters of a text that are shown in one line."""
_ENDS_OF_SENTENCES = re.compile(r"(?<=[.!?]) ")
_COPY = 2
"""The length of the path of a live copy: `LIVE` and the locale."""

SIGNS = {
    PlannedAction.CREATE: ("+", "green"),
    PlannedAction.UPDATE: ("~", "yellow"),
    PlannedAction.DELETE: ("-", "red"),
    PlannedAction.PUBLISH: ("^", "cyan"),
    PlannedAction.RENAME: (">", "yellow"),
    PlannedAction.KEEP: (" ", "dim"),
    PlannedAction.CONFLICT: ("!", "bold red"),
}
"""The sign at the start of the line of each action, and its colour."""


def lines(plan: FolderPlan) -> Iterator[Text]:
    """The lines that describe a plan, with the summary last."""
    for item in plan.items:
        yield from _item(item)
    for key in plan.gone:
        yield Text(f"  {' '.join(key)} was removed from the folder; --delete deletes it", "dim")
    for key, codes in plan.still_published.items():
        yield Text(f"  {still_published(key, codes)}", "dim")
    yield Text(summary(plan))


def still_published(key: Key, codes: Sequence[str]) -> str:
    """What is said of an item that is published where its document does not publish it."""
    return (
        f"{' '.join(key)} stays published in {', '.join(codes)}, where its document does not "
        "publish it; `apply` unpublishes nothing"
    )


def summary(plan: FolderPlan) -> str:
    """The numbers of a plan, in one line."""
    steps = [
        (each, plan.count(each))
        for each in (PlannedAction.CREATE, PlannedAction.UPDATE, PlannedAction.DELETE)
    ]
    said = [f"{count} to {each.value}" for each, count in steps]
    said.append(f"{sum(each.publishes or each.puts_live for each in plan.items)} to publish")
    said.append(f"{plan.unchanged} unchanged")
    said.append(f"{sum(each.has_kept for each in plan.items)} changed by others")
    more = {
        "to rename": sum(each.renamed_from is not None for each in plan.items),
        "in conflict": plan.count(PlannedAction.CONFLICT),
    }
    return ", ".join([*said, *(f"{count} {what}" for what, count in more.items() if count)])


def head(action: PlannedAction, key: Key, locales: Collection[str], *, publishes: bool) -> Text:
    """The line that says what is done to an item, and where it is published; everywhere if ()."""
    sign, style = SIGNS[action]
    line = f"{sign} {action.value} {' '.join(key)}"
    if publishes and action is not PlannedAction.PUBLISH:
        line += ", and publish"
    if locales:
        line += f" in {', '.join(sorted(locales))}"
    return Text(line, style)


def _item(item: Item) -> Iterator[Text]:
    yield head(item.step, item.key, item.locales or (), publishes=item.publishes)
    if item.renamed_from is not None:
        yield Text(f"    renamed from {item.renamed_from}", "yellow")
    if item.is_held:
        message = "not published: it has unpublished changes by others"
        yield Text(f"    {message}", "yellow")
    if item.unpublished:
        codes = ", ".join(sorted(item.unpublished))
        yield Text(f"    kept unpublished in {codes}", "dim")
    for change in item.merge.changes if item.step is not PlannedAction.DELETE else ():
        yield from change_lines(change)
    for kept in item.merge.kept:
        yield from _kept(kept)
    for conflict in item.merge.conflicts:
        yield from _conflict(conflict)


def change_lines(change: Change) -> Iterator[Text]:
    """The lines that describe a change of a value."""
    path, before, after = change
    if path[0] == LIVE and len(path) == _COPY:
        # A live copy is one value in a merge, but people want to see its fields.
        for each in changes(before or {}, after or {}):
            yield from change_lines(each._replace(path=(*path, *each.path)))
    elif _is_long(before) or _is_long(after):
        yield Text(f"    {_name(path)}:")
        yield from _difference(_lines_of(before), _lines_of(after))
    elif before is None:
        yield Text(f"    {_name(path)}: ").append(quoted(after, LONG), "green")
    else:
        line = Text(f"    {_name(path)}: ").append(quoted(before, LONG), "red")
        yield line.append(" → ").append(quoted(after, LONG), "green")


def _kept(kept: Change) -> Iterator[Text]:
    path, base, theirs = kept
    if path[:1] == (LIVE,):
        said = f"the live copy in {path[1]}"
    elif path:
        said = f"{_name(path)}: {quoted(base, LONG)} → {quoted(theirs, LONG)}"
    else:
        said = "the deletion" if theirs is None else "the changed item"
    yield Text(f"    kept {said}", "dim")


def _conflict(conflict: Conflict) -> Iterator[Text]:
    path, base, theirs, ours = conflict
    if not path:
        sides = ("folder", "database") if ours is None else ("database", "folder")
        yield Text("    conflict: deleted in the {}, changed in the {}".format(*sides), "red")
        return
    if path[0] == LIVE and len(path) == _COPY:
        for each in changes(theirs or {}, ours or {}):
            was = (base or {}).get(str(each.path[0]))
            yield from _conflict(Conflict((*path, *each.path), was, each.before, each.after))
        return
    yield Text(f"    conflict {_name(path)}", "red")
    for name, value in (("last applied", base), ("database", theirs), ("folder", ours)):
        first, *more = map(_shown, _lines_of(value) or ["nothing"])
        yield Text(f"      {name + ':':13} {first}")
        yield from (Text(f"      {'':13} {line}") for line in more)


def _shown(line: str) -> str:
    return shortened(visible(line), _LONGEST)


def _name(path: Path) -> str:
    return visible(format_path(path))


def _is_long(value: Any) -> bool:
    match value:
        case str():
            return len(value) > LONG or "\n" in value
        case list():
            return len(value) > 1 or len(quoted(value, LONG + 1)) > LONG
    return False


def _lines_of(value: Any) -> list[str]:
    match value:
        case None:
            return []
        case str():
            return [piece for line in value.split("\n") for piece in _pieces(line)]
        case list():
            return [each if isinstance(each, str) else quoted(each, _LONGEST) for each in value]
    return [quoted(value, _LONGEST)]


def _pieces(line: str) -> list[str]:
    """A line, or its sentences if it is so long that a change in it would not be seen."""
    return [line] if len(line) <= _LONGEST else _ENDS_OF_SENTENCES.split(line)


def _difference(before: Sequence[str], after: Sequence[str]) -> Iterator[Text]:
    """A unified diff of lines, with one line of context."""
    styles = {"+": "green", "-": "red", " ": "dim"}
    for line in [*unified_diff(before, after, n=1, lineterm="")][2:]:
        if line.startswith("@@"):
            yield Text("      …", "dim")
        else:
            yield Text(f"      {line[0]} {_shown(line[1:])}", styles[line[0]])
