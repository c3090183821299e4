"""Redis and RQ as a bell between machines: the only user of both.

An RQ job carries nothing that matters: the outbox is the truth. Losing Redis, or everything in it, costs
at most one sweep.
"""

import time

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from helpdesk.core.jobs import bells
from helpdesk.settings import Settings

QUEUE = "helpdesk"
TIMEOUT_S = 1.0
SILENCE_S = 10.0
"""While Redis is away nobody waits for it: the bell keeps still so long, and the sweep does its work."""


def init_app(settings: Settings) -> None:
    """Ring through RQ too, when Redis is set up."""
    bells.remove_far_bells()
    if not settings.redis_url:
        return
    client = Redis.from_url(settings.redis_url, socket_connect_timeout=TIMEOUT_S, socket_timeout=TIMEOUT_S)
    queue = Queue(QUEUE, connection=client, serializer=JSONSerializer)

    silent_until = [0.0]

    def ring() -> None:
        if time.monotonic() < silent_until[0]:
            return
        try:
            queue.enqueue("helpdesk.worker.run_rung", result_ttl=0, ttl=60, failure_ttl=60)
        except (RedisError, OSError):
            silent_until[0] = time.monotonic() + SILENCE_S

    bells.add_far_bell(ring)


def serve(url: str) -> None:
    """Answer rings in this process until a signal ends it."""
    client = Redis.from_url(url, socket_connect_timeout=TIMEOUT_S)
    SimpleWorker([QUEUE], connection=client, serializer=JSONSerializer).work(logging_level="WARNING")


def trouble(url: str) -> str:
    """Return why Redis does not answer, or an empty string when it does."""
    client = Redis.from_url(url, socket_connect_timeout=TIMEOUT_S, socket_timeout=TIMEOUT_S)
    try:
        client.ping()
    except (RedisError, OSError) as error:
        return f"Redis does not answer: {error}"
    finally:
        client.close()
    return ""
