"""The provider's opinion counts where our own hosts wrote it, and nowhere else."""

import pytest

from mail_ingest.parse.model import Headers
from mail_ingest.provider import provider_says_spam

OURS = ("Received", "from mx.else.example by mail.desk.example (Postfix) with ESMTPS id 1; Mon")
THEIRS = ("Received", "from client by smtp.else.example with ESMTPSA; Mon")
FLAG = ("X-Spam-Flag", "YES")


@pytest.mark.parametrize(
    ("headers", "spam"),
    [
        pytest.param([FLAG, OURS, THEIRS], True, id="above our hop"),
        pytest.param([OURS, FLAG, OURS, THEIRS], True, id="between two hops of ours"),
        pytest.param([OURS, FLAG, THEIRS], False, id="below ours: the sender's own filter"),
        pytest.param([THEIRS, FLAG, OURS], False, id="below a foreign hop"),
        pytest.param([FLAG, THEIRS], False, id="no hop of ours at all"),
        pytest.param([FLAG], False, id="no hop at all"),
        pytest.param([("X-Spam-Flag", "NO"), OURS], False, id="not spam"),
        pytest.param(
            [("X-Spam-Status", "Yes, score=9.1 required=5.0 tests=A,B"), OURS], True, id="SpamAssassin"
        ),
        pytest.param([("X-Spam-Status", "No, score=-1"), OURS], False, id="SpamAssassin, no"),
        pytest.param([("X-Spam-Status", "No, score=0 tests=YES"), OURS], False, id="a word in the tests"),
        pytest.param([("X-MS-Exchange-Organization-SCL", "6"), OURS], True, id="Exchange"),
        pytest.param([("X-MS-Exchange-Organization-SCL", "-1"), OURS], False, id="Exchange, safe"),
        pytest.param(
            [("X-Forefront-Antispam-Report", "CIP:1.2.3.4;SFV:SPM;H:x"), OURS], True, id="Microsoft 365"
        ),
        pytest.param(
            [("X-Forefront-Antispam-Report", "CIP:1.2.3.4;SFV:NSPM;"), OURS], False, id="Microsoft, no"
        ),
    ],
)
def test_where_it_counts(headers: list[tuple[str, str]], spam: bool) -> None:
    assert bool(provider_says_spam(Headers(tuple(headers)), ["desk.example"])) is spam
    assert provider_says_spam(Headers(tuple(headers)), []) == ""
