"""Migrations of the database, content included.

revisions    the alembic revisions of the code, and the one that a database is at
squashed     revisions that others were squashed into
squashing    `guidepost squash`
scripts      the files of migrations, and alembic's settings
failures     database errors in revisions
lock_retry   schema changes that wait for their locks in short attempts
planning     what pending migrations would do to a database
generating   autogenerate for tables
table_order  the order of new tables, and of dropped ones
timings      when unique keys are checked
checks       autogenerate for check constraints
watching     what a migration does to the version of the content
differences  what `alembic check` reports
content      operations on content in migrations, and autogenerate for content
"""
