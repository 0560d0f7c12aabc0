"""Mutations: what a request changes, and the payloads that it is answered with.

A request is one transaction. Each of its fields is a savepoint: what is wrong with a field rolls
that field back, and its payload has the errors. The items in payloads are read as in a preview, by
the planner, in the same transaction.

    mutations  the mutations of a request, carried out
    fields     what each mutation does
    lookup     the items that a mutation names
    payloads   payloads
"""
