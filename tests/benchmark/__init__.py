"""How fast it is, against handwritten SQL that answers the same, measured side by side.

    content     a thousand guides, made up from a seed
    growth      a hundred times as many, copied with SQL
    queries     what is asked
    statements  the same as handwritten SQL, in several formulations
    floor       the least server there can be around them
    servers     both servers as processes
    load        requests, many at a time, and how long they took
    publisher   guides published at a steady rate
    publishing  reads beside that, and with a long history
    __main__    all of it in one run: `make benchmark`

pytest collects nothing here.
"""
