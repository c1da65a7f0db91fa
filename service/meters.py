"""What the server counts, for Prometheus to fetch. The home of prometheus_client."""

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.schema import Answer

CONTENT_TYPE = CONTENT_TYPE_LATEST
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)


class Meters:
    """The counts of one server."""

    def __init__(self) -> None:
        self._registry = own = CollectorRegistry()
        self._requests = Counter(
            "dateline_http_requests", "Requests.", ["route", "status"], registry=own
        )
        self._answers = Counter("dateline_answers", "Answers.", ["status"], registry=own)
        self._seconds = {
            stage: Histogram(
                f"dateline_{stage}_seconds", f"Time to {stage}.", registry=own, buckets=SECONDS
            )
            for stage in ("retrieve", "answer")
        }

    def requested(self, route: str, status: int) -> None:
        """Count a request."""
        self._requests.labels(route, str(status)).inc()

    def took(self, stage: str, seconds: float) -> None:
        """Note how long "retrieve" or "answer" took."""
        self._seconds[stage].observe(seconds)

    def answered(self, answer: Answer) -> None:
        """Count an answer."""
        self._answers.labels(answer.status).inc()
        for stage in self._seconds.keys() & answer.seconds.keys():
            self.took(stage, answer.seconds[stage])

    def exposition(self) -> bytes:
        """All counts, in the text format of Prometheus."""
        return generate_latest(self._registry)


class Metering:
    """Counts the requests that pass through, by the route they took."""

    def __init__(self, app: ASGIApp, meters: Meters) -> None:
        self._app = app
        self._meters = meters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and count it when it is over."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500  # unless there is a reply

        async def sent(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._app(scope, receive, sent)
        finally:
            self._meters.requested(_route(scope), status)


def _route(scope: Scope) -> str:
    # The pattern, never the path itself: that would make a new count for every article.
    return getattr(scope.get("route"), "path", "unknown") or "page"
