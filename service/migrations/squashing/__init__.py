"""`guidepost squash`: revisions up to one of them become one revision.

    squash  the revisions before  → scratch database → its tables, statements and rows → one file
            that file             → scratch database → the same, or the folder stays as it is

squash      squashes, and proves it
choosing    which revisions are squashed
scratch     databases that revisions are run on to see what they leave
recording   the statements that revisions run, and which of them a squashed one runs
source      the squashed revision as Python source
tables      tables as operations of alembic's
privileges  privileges as statements
rows        rows as files
comparing   two databases, whole
replacing   files of a folder, all or none
"""
