"""Folders of documents: exported from the database, and applied to it.

identity     the name of a folder, by which the database knows what it brought
choosing     the items that a command is about
exporting    content as a folder of documents
bases        what a folder said when it was last applied: the base of the three-way merge
plans        what applying a folder does
planning     the plan of a folder
applying     a plan, carried out or tried
live_copies  what documents have under `live`
printing     plans as text
"""
