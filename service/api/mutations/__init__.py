"""Mutations: what a request changes, and what it is answered.

A request is one transaction. Each of its fields is a savepoint: what is wrong with one takes that
one back, and is said in its payload. The items in a payload are read as a preview is, by the
planner, in the same transaction.

    named      the items that are named
    payloads   what is answered
    fields     what each mutation does
    mutations  a request of them
"""
