"""One question to one server: UDP, then TCP; an answer, or why there is none."""

from __future__ import annotations

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype

from reconciler.dns.servers import Server

PAYLOAD = 1232
"""What fits through everywhere without fragments: https://www.dnsflagday.net/2020/."""


class NoAnswerError(Exception):
    """A server gave no answer that could be read; says why in a few words."""


def ask(
    server: Server, name: str, kind: str, *, recursive: bool, timeout: float
) -> dns.message.Message:
    """Ask one server, and once more over TCP if UDP brings nothing or not all of it.

    Raises:
        NoAnswerError: there was no answer.

    """
    try:
        query = dns.message.make_query(name, kind, use_edns=0, payload=PAYLOAD)
        if not recursive:
            query.flags &= ~dns.flags.RD
        answer = _sent(query, server, timeout)
        if answer.rcode() == dns.rcode.FORMERR:
            query.use_edns(edns=-1)
            answer = _sent(query, server, timeout)
    except dns.exception.Timeout as error:
        message = f"no answer within {timeout:g} seconds, over UDP and over TCP"
        raise NoAnswerError(message) from error
    except (dns.name.LabelTooLong, dns.name.NameTooLong, dns.name.EmptyLabel) as error:
        message = f"{name} is no name that DNS can hold"
        raise NoAnswerError(message) from error
    except (dns.exception.DNSException, OSError, EOFError, ValueError) as error:
        words = error.strerror if isinstance(error, OSError) else str(error)
        message = f"no answer: {words or type(error).__name__}"
        raise NoAnswerError(message) from error
    return answer


def _sent(query: dns.message.Message, server: Server, timeout: float) -> dns.message.Message:
    """Send a query over UDP, then over TCP."""
    try:
        answer = dns.query.udp(
            query, server.host, timeout, server.port, ignore_unexpected=True, ignore_errors=True
        )
    except (dns.exception.Timeout, OSError):
        return dns.query.tcp(query, server.host, timeout, server.port)
    if answer.flags & dns.flags.TC:
        return dns.query.tcp(query, server.host, timeout, server.port)
    return answer
