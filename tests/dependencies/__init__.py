"""An answer that is said to be still right is the one that is made anew, whatever was done since.

questions   what is asked: operations over the whole schema, by chance and chosen ones
subject     the application twice on one database: one keeps what it answers, the other does not
steps       what is done in between, by mutations and past them
statements  what is done past mutations, by SQL
"""
