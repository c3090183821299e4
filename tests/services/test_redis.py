"""The private Redis."""

from __future__ import annotations

import pytest
import redis

from tests.services.redis import RedisServer

pytestmark = pytest.mark.services


def test_keeps_and_forgets(redis_server: RedisServer) -> None:
    with redis.Redis.from_url(redis_server.url) as client:
        client.set("key", "value")
        assert client.get("key") == b"value"
        redis_server.flush()
        assert client.get("key") is None


def test_goes_away_and_comes_back_empty(redis_server: RedisServer) -> None:
    with redis_server.client() as client:
        client.set("key", "value")
    with redis_server.away():
        assert not redis_server.is_up()
    with redis_server.client() as client:
        assert client.get("key") is None
