"""The commands `guidepost schema documents | print`."""

import sys

from cyclopts import App

from schema.graphql.sdl import schema_language
from schema.model import content_model
from service.console import print_json
from service.documents.json_schema import json_schema
from service.schema_cache import executable_schema

schema = App(name="schema")


@schema.command(name="documents")
def print_json_schema() -> None:
    """Print the JSON Schema of documents."""
    print_json(json_schema(content_model()))


@schema.command(name="print")
def print_schema() -> None:
    """Print the GraphQL schema as SDL."""
    sys.stdout.write(schema_language(executable_schema(content_model())))
