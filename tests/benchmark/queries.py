"""What is asked of both."""

from typing import NamedTuple

from tests.benchmark.content import PLACES, ROLES, guide_slug, slug

LOCALES = ("en", "nl", "fr")

GUIDE = """
fragment Whole on Guide {
  slug
  title
  subtitle
  jobsUrl
  seoTitle
  seoDescription
  role { name }
  location { name countryCode }
  techScene { html }
  aboutRole { html }
  marketDemand { html }
  whyHire { html }
  companies { name website }
  hubs { name website location { name } }
  universities { name website }
  skills { name }
  tools { name }
  careerPath { titles }
  salaryRanges { level minimum maximum currency period basis source }
}
"""

PAGE_INFO = "pageInfo { hasNextPage endCursor }"


class Query(NamedTuple):
    """A query, with the variables of each request: the floor takes the same, in this order."""

    name: str
    title: str
    text: str
    requests: list[dict[str, str]]


ONE = Query(
    "one",
    "one whole guide",
    "query One($slug: String!, $locale: Locale) {\n"
    f"  guide(slug: $slug, locale: $locale) {{ ...Whole }}\n}}\n{GUIDE}",
    [
        {"locale": LOCALES[(role + place) % 3], "slug": guide_slug(role, place)}
        for role in range(ROLES)
        for place in range(0, PLACES, 5)
    ],
)

TWENTY = Query(
    "twenty",
    "twenty whole guides",
    "query Twenty($locale: Locale) {\n"
    f"  guides(first: 20, locale: $locale) {{ nodes {{ ...Whole }} {PAGE_INFO} }}\n}}\n{GUIDE}",
    [{"locale": locale} for locale in LOCALES],
)

HUNDRED = Query(
    "hundred",
    "a hundred titles",
    """query Hundred($locale: Locale) {
  guides(first: 100, locale: $locale) {
    nodes { slug title role { name } location { name } }
    pageInfo { hasNextPage endCursor }
  }
}
""",
    [{"locale": locale} for locale in LOCALES],
)

FILTERED = Query(
    "filtered",
    "guides by skill and salary",
    """query Filtered($skill: String!, $locale: Locale) {
  guides(
    first: 100
    locale: $locale
    where: {
      skills: { some: { slug: { eq: $skill } } }
      salaryRanges: { some: { level: { eq: SENIOR }, minimum: { gte: 60000 } } }
    }
  ) {
    nodes { slug title role { name } location { name } }
    pageInfo { hasNextPage endCursor }
  }
}
""",
    [{"locale": LOCALES[number % 3], "skill": slug("Skill", number)} for number in range(100)],
)

QUERIES = [ONE, TWENTY, HUNDRED, FILTERED]

SEARCH = """query Search($text: String!, $locale: Locale) {
  search(first: 10, text: $text, locale: $locale) {
    totalCount
    edges { rank snippet node { __typename ... on Guide { slug title } } }
  }
}
"""


def _search(title: str, *texts: str) -> Query:
    requests = [{"locale": locale, "text": text} for text in texts for locale in LOCALES]
    return Query("search", title, SEARCH, requests)


SEARCHES = [
    _search("search for a title", *(f"Roles {n} in Place {n % PLACES}" for n in range(ROLES))),
    _search("search with a wrong letter", *(f"Rolse {n} in Place" for n in range(ROLES))),
    _search("search for a word of most", "airport", "benefits", "salary"),
]
"""What is asked of ours alone: the more is found, the more is to be put in order."""

TRAVERSAL = (
    "query Traversal($first: Int!, $after: String) {\n"
    f"  guides(first: $first, after: $after) {{ nodes {{ ...Whole }} {PAGE_INFO} }}\n}}\n{GUIDE}"
)
