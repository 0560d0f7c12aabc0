"""What scopes allow, and what is said where one is missing."""

import pytest

from service.access import Access, AccessError, Scope, anonymous

READ, PREVIEW, WRITE, PUBLISH, ADMIN = Scope
NOBODY = anonymous(reading=True)


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        (READ, {READ}),
        (PREVIEW, {READ, PREVIEW}),
        (WRITE, {READ, PREVIEW, WRITE}),
        (PUBLISH, {READ, PREVIEW, PUBLISH}),
        (ADMIN, set(Scope)),
    ],
)
def test_a_scope_brings_those_that_it_implies(scope: Scope, allowed: set[Scope]) -> None:
    access = Access("robot", frozenset({scope}))
    assert {each for each in Scope if access.allows(each)} == allowed
    assert access.scopes == allowed


@pytest.mark.parametrize(
    ("scope", "type_", "allowed"),
    [
        (WRITE, "Guide", True),
        (PUBLISH, "Guide", True),
        (WRITE, "Tool", False),
        (PUBLISH, "Tool", False),
        # Where the type is not known yet: it may be one that is allowed.
        (WRITE, None, True),
        (READ, "Tool", True),
        (PREVIEW, "Tool", True),
        (ADMIN, "Tool", True),
    ],
)
def test_types_restrict_what_is_written_and_published(
    scope: Scope, type_: str | None, allowed: bool
) -> None:
    some = Access("robot", frozenset({ADMIN}), frozenset({"Guide"}))
    every = Access("robot", frozenset({ADMIN}))
    assert some.allows(scope, type_) is allowed
    assert every.allows(scope, type_)
    assert not NOBODY.allows(WRITE, type_)


@pytest.mark.parametrize(
    ("access", "type_", "message"),
    [
        (
            Access("editor", frozenset({PREVIEW})),
            "Guide",
            "This requires the scope `write`, which the token `editor` does not have.",
        ),
        (
            Access("editor", frozenset({WRITE}), frozenset({"Tool"})),
            "Guide",
            (
                "This requires the scope `write` for the type `Guide`, "
                "which the token `editor` does not have."
            ),
        ),
        (
            NOBODY,
            None,
            (
                "This requires the scope `write`; send a token that has it in the header "
                "`Authorization: Bearer …`."
            ),
        ),
    ],
)
def test_a_missing_scope_is_named(access: Access, type_: str | None, message: str) -> None:
    with pytest.raises(AccessError) as raised:
        access.require(WRITE, type_)
    expected = (403, "FORBIDDEN") if access.name else (401, "UNAUTHENTICATED")
    [error] = raised.value.errors
    assert (raised.value.status, error.extensions) == (expected[0], {"code": expected[1]})
    assert error.message == str(raised.value) == message


def test_what_is_allowed_is_not_refused() -> None:
    Access("editor", frozenset({WRITE}), frozenset({"Guide"})).require(WRITE, "Guide")
    NOBODY.require(READ)


def test_the_anonymous_read_what_is_published_where_that_is_allowed() -> None:
    assert anonymous(reading=True) == Access(None, frozenset({READ}))
    assert anonymous(reading=False) == Access(None, frozenset())
