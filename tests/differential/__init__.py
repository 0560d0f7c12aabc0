"""The compiled answers against those of an evaluator that knows nothing of SQL.

content     documents of every type, made by chance, and odd on purpose
world       what is published of them, as Python objects
answers     the resolvers of graphql-core's own executor over these objects
operations  valid operations over the whole schema, made by chance
"""
