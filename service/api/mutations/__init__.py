"""Mutations: what a request changes, and the payloads of its response.

A request is one transaction, and each of its fields a savepoint: a problem rolls the field back,
and its payload has the errors. The items in payloads are read as a preview reads them, by a plan in
the same transaction.

    mutations  carries out the mutations of a request
    fields     what each mutation does
    lookup     the items that a mutation names
    payloads   payloads
"""
