"""What a client accepts, by headers such as `Accept` and `Accept-Encoding`.

https://www.rfc-editor.org/rfc/rfc9110#section-12.4.2
"""

from collections.abc import Collection


def parameters_of(text: str) -> list[tuple[str, str]]:
    """The parameters of a media type, from the text behind it, such as `charset=utf-8; q=0.5`."""
    pairs = (each.partition("=") for each in text.split(";"))
    return [(name.strip(), value.strip().strip('"')) for name, _, value in pairs]


def qualities(header: str) -> dict[str, float]:
    """The quality value of each choice, from 0 to 1; 0 means not acceptable."""
    found: dict[str, float] = {}
    for each in header.lower().split(","):
        choice, _, parameters = each.partition(";")
        try:
            quality = float(dict(parameters_of(parameters)).get("q", 1))
        except ValueError:
            quality = 0
        found[choice.strip()] = max(0, quality)
    return found


def accepted_codings(header: str, offered: Collection[str]) -> list[str]:
    """The offered codings that a client prefers to none, the best first.

    Of those with the same weight, the one that is offered first.
    https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3
    """
    wanted = qualities(header)
    weights = {coding: wanted.get(coding, wanted.get("*", 0)) for coding in offered}
    least = wanted.get("identity", 0)
    acceptable = (each for each, weight in weights.items() if weight and weight >= least)
    return sorted(acceptable, key=weights.__getitem__, reverse=True)
