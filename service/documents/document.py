"""A document: the content of one item as plain data."""

from collections.abc import Mapping
from typing import Any

Document = Mapping[str, Any]
"""Fields by the names that they have in documents; see `service.documents`."""
