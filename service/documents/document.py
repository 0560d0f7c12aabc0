"""A document: the content of one item as plain data."""

from collections.abc import Mapping
from typing import Any

Document = Mapping[str, Any]
"""The values of fields and relations, by their names in documents; see `service.documents`."""
