"""Content that moves with the schema.

history  revisions of a test's own on top of the project's, run up and down in this process
"""
