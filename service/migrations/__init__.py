"""How the database is migrated.

revisions    the revisions of the code, and the one that a database is at
scripts      where revision scripts are, and alembic's settings
lock_retry   schema changes that wait for their locks in short attempts
content      operations on content in revisions, and autogenerate for content
"""
