"""Whatever is done to content, in whatever order and at once, nothing of it is lost.

world       what draft and live hold, in plain Python
rules       what each thing that can be done makes of a world
operations  things that can be done, as requests
drawing     operations made by chance
content     what the service holds, as GraphQL answers it
"""
