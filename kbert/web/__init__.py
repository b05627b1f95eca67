"""A page in the browser for an export directory, served to this machine alone.

`page/` holds the built page; its source is examples/web, and `make web` builds it.
"""
