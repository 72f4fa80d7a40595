"""Reads the lists that say who sends mail, for those plans that take it away from somebody."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from reconciler.core.mail.impact import Answers, Question, questions, with_impact
from reconciler.engine.ports import Listener, Reader, RequestFailedError
from reconciler.engine.telling import during
from reconciler.kinds import KINDS
from reconciler.model.event import Reading
from reconciler.model.failure import Failure
from reconciler.model.ids import ResourceId
from reconciler.model.plan import Plan
from reconciler.model.resource import ObservedState
from reconciler.model.value import Body

WORKERS = 8
"""Lists that are read at once."""


def find_impact(plan: Plan, observed: ObservedState, reader: Reader, listener: Listener) -> Plan:
    """Return a plan whose changes say who stops sending mail; most plans need no read for it.

    Args:
        plan: what is to be done.
        observed: what there is.
        reader: reads Azure.
        listener: hears of every answer.

    """
    asked = questions(plan)
    answers: Answers = {}
    if asked:
        with ThreadPoolExecutor(WORKERS, thread_name_prefix="impact") as pool:
            found = pool.map(partial(_answer, reader, listener), asked)
            answers = dict(zip(asked, found, strict=True))
    return with_impact(plan, observed, answers)


def _answer(
    reader: Reader, listener: Listener, question: Question
) -> Mapping[ResourceId, Body] | Failure:
    """Read one list; that it cannot be read is an answer, too."""
    with during(listener, Reading(question.kind, question.scope)) as ending:
        try:
            bodies = reader.list_in(KINDS[question.kind], question.scope)
        except RequestFailedError as error:
            ending.failure = error.failure.code
            return error.failure
        ending.found = len(bodies)
        return bodies
