"""The Unicode normalization of texts that are stored or searched."""

from unicodedata import normalize


def composed(text: str) -> str:
    """The text in normalization form C: é is one code point, however it was typed.

    https://www.unicode.org/reports/tr15/
    """
    return text if text.isascii() else normalize("NFC", text)
