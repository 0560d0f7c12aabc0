"""How Guidepost runs: HTTP, editing, documents, migrations, the database, and the commands.

cli                  the program `guidepost`
commands             its commands
application          the ASGI application, put together
api                  GraphQL over HTTP
manifests            the GraphQL documents of clients: read from files, and checked
jobs                 what a running service does by itself: releases, locales, cleaning up
folders              folders of documents: export, plan and apply
editing              every way in which content is changed
documents            content as data
migrations           database migrations
tokens               bearer tokens
persisted_documents  GraphQL documents that are registered, and looked up by their ids
access               the scopes of tokens, and what they allow
authors              the names under which Guidepost's own programs change content
schema_cache         the GraphQL schema, cached between starts
derived              files derived from the code, cached beside Python's bytecode
cache                a class of caches in memory; the API keeps documents and plans in them
coalescing           work that is shared by all who ask for it before it begins
freshness            whether an answer is still what readers see
database             connections to the database
roles                the roles of connections
embedded             a PostgreSQL server of one's own
explorer             the GraphiQL page
process              the process that serves: its memory, the signals that end it, and its parent
settings             the settings
cache_tags           the headers by which CDNs purge
console              what commands print
negotiation          what a client accepts, by the headers of its request
messages             pieces of messages: long values, many names, equal problems
errors               the errors that Guidepost raises on purpose
garbage              garbage collection around imports
"""

__version__ = "0.1.0"
