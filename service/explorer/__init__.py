"""The GraphQL explorer: a page for people at the address where programs post queries."""
