"""Everything here runs against the shipped application on a real, migrated PostgreSQL."""
