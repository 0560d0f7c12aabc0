"""The same answers from SQL as one would write it by hand, in several formulations.

Which is fastest is found out in the run itself; see `tests.benchmark.floor`. Each statement answers
one value, the JSON of `data`, and takes `$1` locale and `$2` slug or skill where its query does.
"""

from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import NamedTuple


class Made(str):
    """An expression that is JSON already; every other one is a value."""

    __slots__ = ()


Pairs = dict[str, str]


class Form(NamedTuple):
    """A way to make JSON."""

    name: str
    object: Callable[[Pairs], Made]
    list: Callable[[str, str], str]
    """The aggregate of an item in an order; null where there is none."""
    out: str = "{}"
    """What makes bytes of the whole answer."""


def _built(prefix: str) -> Callable[[Pairs], Made]:
    def build(pairs: Pairs) -> Made:
        arguments = ", ".join(f"'{key}', {value}" for key, value in pairs.items())
        return Made(f"{prefix}_build_object({arguments})")

    return build


def _row(pairs: Pairs) -> Made:
    columns = ", ".join(f'{value} as "{key}"' for key, value in pairs.items())
    return Made(f"(select row_to_json(o) from (select {columns}) o)")


NULL = "'null'::json"

ALWAYS_THERE = {
    "slug",
    "title",
    "name",
    "titles",
    "level",
    "minimum",
    "maximum",
    "currency",
    "period",
    "basis",
}
"""The columns that are never null."""


def _concatenated(pairs: Pairs) -> Made:
    parts = []
    for number, (key, value) in enumerate(pairs.items()):
        made, null = (value, "'null'") if isinstance(value, Made) else (f"to_json({value})", NULL)
        always = value.partition(".")[2] in ALWAYS_THERE
        parts += [f"""'{"," if number else "{"}"{key}":'"""]
        parts += [made if always else f"coalesce({made}, {null})"]
    return Made(f"concat({', '.join(parts)}, '}}')")


FORMS = [
    Form("json_build_object", _built("json"), "json_agg({} order by {})".format),
    Form("row_to_json", _row, "json_agg({} order by {})".format),
    Form("jsonb", _built("jsonb"), "jsonb_agg({} order by {})".format, "({})::json"),
    Form(
        "text",
        _concatenated,
        "'[' || string_agg({}, ',' order by {}) || ']'".format,
        "convert_to({}, 'UTF8')",
    ),
]

LISTS = {
    "companies": ("company", "location", ["name", "website"]),
    "hubs": ("hub", "location", ["name", "website"]),
    "universities": ("university", "location", ["name", "website"]),
    "skills": ("skill", "role", ["name"]),
    "tools": ("tool", "role", ["name"]),
}
"""The table of what is listed, who lends the list, and what is asked of each."""

SALARY_RANGE = ["level", "minimum", "maximum", "currency", "period", "basis", "source"]

VALUES = {
    "slug": "g.slug",
    "title": "g.title",
    "subtitle": "g.subtitle",
    "jobsUrl": "g.jobs_url",
    "seoTitle": "g.seo_title",
    "seoDescription": "g.seo_description",
}

RICH_TEXTS = {
    "techScene": "coalesce(g.tech_scene_html, l.tech_scene_html)",
    "aboutRole": "coalesce(g.about_role_html, r.about_html)",
    "marketDemand": "coalesce(g.market_demand_html, r.market_demand_html)",
    "whyHire": "g.why_hire_html",
}

ORDER = sha256(b"Guide:slug asc").hexdigest()[:8]
"""What a cursor says of the order that it belongs to."""

JOINED = """
  join live.role r on r.id = g.role_id and r.locale = g.locale
  join live.location l on l.id = g.location_id and l.locale = g.locale"""


def _items(form: Form, links: str, owner: str, table: str, fields: list[str]) -> str:
    locale = f"{owner.partition('.')[0]}.locale"
    pairs = {field: f"t.{field}" for field in fields}
    join = ""
    if table == "hub":
        pairs["location"] = form.object({"name": "h.name"})
        join = "join live.location h on h.id = t.location_id and h.locale = t.locale"
    return f"""(select {form.list(form.object(pairs), "k.position")} as items
  from live.{links} k
  join live.{table} t on t.id = k.target_id and t.locale = {locale} {join}
  where k.owner_id = {owner})"""


def _parts(form: Form, table: str, owner: str, fields: list[str]) -> str:
    locale = f"{owner.partition('.')[0]}.locale"
    item = form.object({field: f"p.{field}" for field in fields})
    return f"""(select {form.list(item, "p.position")} as items
  from live.{table} p where p.owner_id = {owner} and p.locale = {locale})"""


def _every_list(form: Form) -> Iterator[tuple[str, list[str]]]:
    """Each list with the subqueries of which the first that finds something answers it."""
    for name, (table, lender, fields) in LISTS.items():
        own = _items(form, f"guide_{name}", "g.id", table, fields)
        lent = _items(form, f"{lender}_{name}", f"g.{lender}_id", table, fields)
        yield name, [own, lent]
    yield "careerPath", [_parts(form, "career_step", "g.role_id", ["titles"])]
    yield "salaryRanges", [_parts(form, "salary_range", "g.id", SALARY_RANGE)]


def _correlated(form: Form) -> tuple[Pairs, str]:
    """Lists as correlated subqueries."""
    every = _every_list(form)
    return {name: Made(f"coalesce({', '.join(found)}, '[]')") for name, found in every}, ""


def _lateral(form: Form) -> tuple[Pairs, str]:
    """Lists as lateral joins: what guides share can be remembered from one to the next."""
    lists: Pairs = {}
    joins = ""
    for name, found in _every_list(form):
        names = [f'"{name}{number}"' for number in range(len(found))]
        for number, subquery in enumerate(found):
            on = f"{names[0]}.items is null" if number else "true"
            joins += f"\n  left join lateral {subquery} {names[number]} on {on}"
        lists[name] = Made(f"coalesce({', '.join(f'{each}.items' for each in names)}, '[]')")
    return lists, joins


def _told(form: Form) -> tuple[Pairs, str]:
    """Lists as correlated subqueries, of which the guide says which there is."""
    lists, _ = _correlated(form)
    for name, (own, *lent) in _every_list(form):
        if lent:
            lists[name] = _which(name, own, lent[0])
    return lists, ""


def _which(name: str, own: str, lent: str) -> Made:
    return Made(f"coalesce(case when g.{name}_owner_id is null then {lent} else {own} end, '[]')")


def _by_role(form: Form) -> tuple[Pairs, str]:
    """Lists as correlated subqueries, but those that roles lend once for each role."""
    lists, _ = _told(form)
    for name, (own, *lent) in _every_list(form):
        if lent and "live.role_" in lent[0]:
            lists[name] = _which(name, own, f"r.{name}")
    return {**lists, "careerPath": Made("coalesce(r.steps, '[]')")}, ""


def _roles(form: Form) -> str:
    """The roles of a page of guides, with the lists that they lend."""
    lists = [
        f"{_items(form, f'role_{name}', 'r.id', table, fields)} as {name}"
        for name, (table, lender, fields) in LISTS.items()
        if lender == "role"
    ]
    steps = f"{_parts(form, 'career_step', 'r.id', ['titles'])} as steps"
    return f"""(select r.*, {", ".join([*lists, steps])} from live.role r
  where r.locale = $1 and r.id in (select role_id from page) offset 0)"""


Shape = Callable[[Form], tuple[Pairs, str]]
SHAPES: dict[str, Shape] = {"correlated": _correlated, "told": _told, "lateral": _lateral}


def _whole(form: Form, shape: Shape) -> tuple[Made, str]:
    """A whole guide `g` as an object, and the joins that it takes."""
    lists, joins = shape(form)
    around = {
        "role": form.object({"name": "r.name"}),
        "location": form.object({"name": "l.name", "countryCode": "l.country_code"}),
    }
    texts = {
        name: Made(f"case when {html} is not null then {form.object({'html': html})} end")
        for name, html in RICH_TEXTS.items()
    }
    return form.object({**VALUES, **around, **texts, **lists}), JOINED + joins


def _title(form: Form, _: Shape) -> tuple[Made, str]:
    role, location = form.object({"name": "r.name"}), form.object({"name": "l.name"})
    pairs = {"slug": "g.slug", "title": "g.title", "role": role, "location": location}
    return form.object(pairs), JOINED


def _page(form: Form, guide: tuple[Made, str], size: int, only: str = "") -> str:
    """A page of guides; by its last slug is asked whether there is another."""
    node, joins = guide
    cursor = f"""'["{ORDER}", ' || to_json(max(p.slug))::text || ']'"""
    info = {
        "hasNextPage": "exists (select from live.guide g"
        f" where g.locale = $1 and g.slug > max(p.slug) {only})",
        "endCursor": rf"replace(encode(convert_to({cursor}, 'UTF8'), 'base64'), E'\n', '')",
    }
    nodes = Made(f"coalesce({form.list('p.node', 'p.slug')}, '[]')")
    page = form.object({"nodes": nodes, "pageInfo": form.object(info)})
    return f"""with page as materialized (
  select * from live.guide g where g.locale = $1 {only} order by g.slug limit {size})
  select {form.out.format(form.object({"guides": page}))}
  from (select g.slug, {node} as node from page g {joins}) p"""


def _page_by_role(form: Form, size: int) -> str:
    made, joins = _whole(form, _by_role)
    once = joins.replace("live.role r", f"{_roles(form)} r")
    return _page(form, (made, once), size)


def _one(form: Form, shape: Shape) -> str:
    guide, joins = _whole(form, shape)
    found = f'from live.guide g {joins} where g.locale = $1 and g.slug = $2 collate "C"'
    return f"select {form.out.format(form.object({'guide': Made(f'(select {guide} {found})')}))}"


SENIOR = """and exists (select from live.salary_range s where s.owner_id = g.id
    and s.locale = g.locale and s.level = 'SENIOR' and s.minimum >= 60000)"""

SKILL = '(select id from live.skill where locale = $1 and slug = $2 collate "C")'

BY_GUIDE = f"""{SENIOR} and (
    exists (select from live.guide_skills k where k.owner_id = g.id and k.target_id = {SKILL})
    or exists (
      select from live.role_skills k where k.owner_id = g.role_id and k.target_id = {SKILL})
    and g.skills_owner_id is null)"""

BY_SKILL = f"""{SENIOR} and g.id in (
    select k.owner_id from live.guide_skills k where k.target_id = {SKILL}
    union all
    select o.id from live.guide o join live.role_skills k on k.owner_id = o.role_id
    where k.target_id = {SKILL} and o.locale = $1
    and o.skills_owner_id is null)"""


BY_IDS = f"""{SENIOR} and g.id = any(array(
    select k.owner_id from live.guide_skills k where k.target_id = {SKILL}
    union all
    select o.id from live.guide o join live.role_skills k on k.owner_id = o.role_id
    where k.target_id = {SKILL} and o.locale = $1 and o.skills_owner_id is null))"""


def formulations(query: str) -> dict[str, str]:
    """Every formulation of a query."""
    return {
        ", ".join((form.name, name)): statement
        for form in FORMS
        for name, statement in _STATEMENTS[query](form).items()
    }


_STATEMENTS: dict[str, Callable[[Form], dict[str, str]]] = {
    "one": lambda form: {name: _one(form, shape) for name, shape in SHAPES.items()},
    "twenty": lambda form: {
        **{name: _page(form, _whole(form, shape), 20) for name, shape in SHAPES.items()},
        "roles once": _page_by_role(form, 20),
    },
    "hundred": lambda form: {"joined": _page(form, _title(form, _correlated), 100)},
    "filtered": lambda form: {
        "by guide": _page(form, _title(form, _correlated), 100, BY_GUIDE),
        "by skill": _page(form, _title(form, _correlated), 100, BY_SKILL),
        "by ids": _page(form, _title(form, _correlated), 100, BY_IDS),
    },
}
