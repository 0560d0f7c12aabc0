"""How Guidepost runs: settings, database, HTTP endpoint, publishing, documents, CLI."""

__version__ = "0.1.0"
