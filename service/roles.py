"""The roles that connections to the database have, made by a migration.

Who reads what is published has no right to the working copy, and who writes none to change tables.
"""

READER, PREVIEWER, WRITER = "guidepost_reader", "guidepost_previewer", "guidepost_writer"
ROLES = (READER, PREVIEWER, WRITER)
