"""The last thing before the wire: what may leave, and where to.

The guard sits below retries, redirects and pollers of the SDK, so nothing gets round it: in plan,
drift and export the client *cannot* send anything but reads, no run ever asks for keys, and no
request, page or poll ever carries a token to another origin.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import requests
from azure.core.pipeline.transport import RequestsTransport
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import DEFAULT_CA_BUNDLE_PATH, get_environ_proxies, requote_uri

from reconciler.arm.target import Target
from reconciler.model.errors import ReconcilerError, UnavailableError

CONNECT_SECONDS = 10
READ_SECONDS = 60
"""How long one request may take to connect, and then between two pieces of its answer."""

READS = frozenset({"GET", "HEAD"})
WRITES = READS | {"PUT", "PATCH", "DELETE"}
ACTIONS = frozenset({"checknameavailability", "initiateverification", "linknotificationhub"})
"""The only things that a run which writes may POST, in lower case: keys are never read, rotated or
logged."""


RESOURCE_GRAPH = "/providers/Microsoft.ResourceGraph/resources"
"""A POST that only reads: its body is a query.
https://learn.microsoft.com/rest/api/azureresourcegraph/resourcegraph/resources/resources
"""


class RequestForbiddenError(ReconcilerError):
    """Something tried to send what this client must not send."""


class GuardedTransport(RequestsTransport):  # type: ignore[misc]  # azure-core loads it lazily, untyped
    """Sends only allowed methods, and only to its target's origin."""

    def __init__(
        self,
        target: Target,
        methods: frozenset[str],
        connections: int,
        rest: Callable[[float], None],
        *,
        asks_graph: bool = False,
    ) -> None:
        """Open no connection yet.

        Args:
            target: the only origin that is talked to.
            methods: the only methods that are sent.
            connections: kept open at most.
            rest: waits so many seconds between two polls of an operation.
            asks_graph: whether Resource Graph may be asked, too.

        """
        session = _PlainSession()
        # What the environment says is looked up once and not for each request: proxies, which a
        # request to this machine does not use, and authorities. A netrc is never looked at: its
        # password would go in the place of our token.
        session.trust_env = False
        if not target.is_local:
            session.proxies.update(get_environ_proxies(target.endpoint))
        scheme = urlsplit(target.endpoint).scheme
        trust = _trust() if scheme == "https" else None
        session.mount(f"{scheme}://", _SharedTrust(trust, connections))
        super().__init__(
            session=session,
            session_owner=True,
            connection_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
        )
        self._origin = _origin(target.endpoint)
        self._methods = methods
        self._rest = rest
        self._asks_graph = asks_graph

    def sleep(self, duration: float) -> None:
        """Wait between two polls of an operation."""
        self._rest(duration)

    def send(self, request: Any, **kwargs: Any) -> Any:
        """Send ``request`` if it may leave.

        Raises:
            RequestForbiddenError: it may not.

        """
        path = urlsplit(request.url).path
        if request.method == "POST" and self._asks_graph and path == RESOURCE_GRAPH:
            pass
        elif request.method == "POST" and "PUT" in self._methods:
            action = path.rpartition("/")[2]
            if action.lower() not in ACTIONS:
                problem = f"refused to send POST {action}: it is no action of this tool"
                raise RequestForbiddenError(problem)
        elif request.method not in self._methods:
            allowed = ", ".join(sorted(self._methods))
            problem = f"refused to send {request.method}: this run may only send {allowed}"
            raise RequestForbiddenError(problem)
        if _origin(request.url) != self._origin:
            problem = (
                f"refused to follow Azure's answer to another origin: {_shown(request.url)}"
                " (a token would go with it)"
            )
            raise RequestForbiddenError(problem)
        return super().send(request, **kwargs)


class _PlainSession(requests.Session):
    """Sends a request as azure-core has made it.

    requests would merge it with settings, cookies and hooks of the session, of which there are
    none, and look for redirects, which azure-core sees to: a fifth of the CPU of a request.
    """

    def request(self, method: str, url: Any, *_more: Any, **settings: Any) -> requests.Response:
        """Send a request, and return the answer."""
        stream, timeout = bool(settings.get("stream")), settings["timeout"]
        prepared = requests.PreparedRequest()
        prepared.method = method
        prepared.url = requote_uri(url)
        prepared.headers = CaseInsensitiveDict(self.headers)
        prepared.headers.update(settings["headers"])
        prepared.prepare_body(settings["data"], None)
        adapter = self.get_adapter(prepared.url)
        answer = adapter.send(prepared, stream=stream, timeout=timeout, proxies=self.proxies)
        if not stream:
            _ = answer.content
        return answer


class _SharedTrust(HTTPAdapter):
    """Talks to one origin, and checks certificates by one TLS context for all connections.

    requests reads the authorities anew for each connection, which takes 25 ms of CPU. The context
    demands a certificate; None is for plain http, which has none. requests also works out anew for
    each request which proxy leads to its host.
    """

    def __init__(self, context: ssl.SSLContext | None, connections: int) -> None:
        self._context = context
        self._pool: Any = None
        super().__init__(pool_maxsize=connections, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> Any:
        return super().init_poolmanager(*args, ssl_context=self._context, **kwargs)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        return super().proxy_manager_for(proxy, ssl_context=self._context, **kwargs)

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        """Return the connections to the one origin, through the one proxy if there is one."""
        if self._pool is None:
            self._pool = super().get_connection_with_tls_context(*args, **kwargs)
        return self._pool

    def request_url(self, request: requests.PreparedRequest, _proxies: Any) -> str:
        """Return what is asked for: its path, also through a proxy, since that is for https."""
        return request.path_url

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Leave the connection as it is: its context demands a certificate, and knows whose."""


def _trust() -> ssl.SSLContext:
    """Return a context with the authorities that requests would take.

    Raises:
        UnavailableError: they cannot be read.

    """
    named = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
    place = named or DEFAULT_CA_BUNDLE_PATH
    try:
        if os.path.isdir(place):
            return ssl.create_default_context(capath=place)
        return ssl.create_default_context(cafile=place)
    except OSError as error:
        problem = f"the authorities in {place} cannot be read: {error.strerror or error}"
        raise UnavailableError(problem, "check REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE") from error


def _origin(url: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port."""
    parts = urlsplit(url)
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    return parts.scheme, (parts.hostname or "").lower(), port


def _shown(url: str) -> str:
    """Return a URL without user, query and fragment, which may hold secrets."""
    scheme, host, port = _origin(url)
    return f"{scheme}://{host}:{port}"
