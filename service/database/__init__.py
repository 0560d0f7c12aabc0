"""Connections to the database.

address      the address of the database, which may be an embedded one
pools        a pool for reads, and an engine for writes
failures     errors of the drivers, raised as those of `service.errors`
connection   the driver's connection, with unique names of prepared statements
session      checks that a session is what was asked for
logins       the passwords of the roles in `service.roles`
"""
