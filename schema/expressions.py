"""The type of SQL expressions."""

from typing import Any

from sqlalchemy import ColumnElement

Expression = ColumnElement[Any]
"""An expression of any type."""
