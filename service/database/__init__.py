"""Connections to the database.

pools        a pool for reads, an engine for writes, and errors of the database as ours
connection   the driver's connection, with names of prepared statements that are unique
session      what is in force in a session, compared with what was asked for
logins       the passwords of the roles in `service.roles`
"""
