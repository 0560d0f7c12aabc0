"""Connections to the database.

pools        a pool for reads, an engine for writes, and errors of the database as ours
connection   the driver's connection, with unique names of prepared statements
session      checks that a session is what was asked for
logins       the passwords of the roles in `service.roles`
"""
