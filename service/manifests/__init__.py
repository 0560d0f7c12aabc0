"""The GraphQL documents of clients: read from manifests, and checked against the schema.

reading      the documents in files: Apollo's manifests, maps of hashes, and plain GraphQL
checking     what is wrong with a document, and what it uses that is deprecated
coordinates  the schema coordinate of each place in a document
problems     what is wrong with documents, with their files, operations and places
"""
