"""The commands of `guidepost`, a module for each group."""
