"""Texts as they are kept and looked for."""

from unicodedata import normalize


def composed(text: str) -> str:
    """The text with composed letters: é is one letter, however it was typed.

    https://www.unicode.org/reports/tr15/, normalization form C.
    """
    return text if text.isascii() else normalize("NFC", text)
