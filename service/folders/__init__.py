"""Folders of documents: exported from the database, and applied to it.

identity     the name of a folder, by which the database knows what the folder brought
choosing     the items that a command is about
locale_file  the file of locales in a folder
exporting    exports content as a folder of documents
bases        the merge bases: what a folder said of each item when it was last applied
items        an item in a plan: what is there, and what is done
plans        what applying a folder does
planning     makes the plan of a folder
applying     carries out a plan, or tries it
live_copies  publishes what documents have under `live`
printing     plans as text
"""
