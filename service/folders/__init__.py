"""A folder of documents against the content that is there: what differs, and making it so.

choosing   which items it is about
plans      what applying a folder does
planning   the plan of a folder
bases      what was last applied, which is kept
applying   plans, carried out or only tried
printing   plans for people
"""
