"""Recorded requests to Azure, replayed against the emulator, and their answers compared.

Run by ``make parity RECORDINGS=FILE``. Recordings are not part of the project. A file of
them has one JSON object a line: ``source`` (lines of one source are one sequence, in order),
``seq``, ``method``, ``url``, ``request`` (JSON of the body or null), ``status``, ``headers`` (by
lower-case name) and ``response`` (JSON of the body; null for an empty one; the text ``"null"`` for
a body of four letters).
"""
