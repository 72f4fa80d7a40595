"""Reads the lists that say who sends mail, for those plans that take it away from somebody."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from reconciler.core.mail.impact import Answers, Question, questions, with_impact
from reconciler.engine.ports import Listener, Reader, RequestFailedError
from reconciler.kinds import KINDS
from reconciler.model.event import ReadFinished
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
            answers = dict(zip(asked, pool.map(partial(_answer, reader), asked), strict=True))
    for question, answer in answers.items():
        count = 0 if isinstance(answer, Failure) else len(answer)
        listener(ReadFinished(f"{KINDS[question.kind].collection} of {question.scope}", count))
    return with_impact(plan, observed, answers)


def _answer(reader: Reader, question: Question) -> Mapping[ResourceId, Body] | Failure:
    """Read one list; that it cannot be read is an answer, too."""
    try:
        return reader.list_in(KINDS[question.kind], question.scope)
    except RequestFailedError as error:
        return error.failure
