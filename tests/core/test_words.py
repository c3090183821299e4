"""The words for times, sizes and names, row by row."""

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from helpdesk.core import words

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 24, 9, 42, tzinfo=UTC)  # Tuesday, 10:42 in Berlin


@pytest.mark.parametrize(
    ("before", "age", "moment"),
    [
        (timedelta(seconds=-30), "just now", "just now"),
        (timedelta(0), "just now", "just now"),
        (timedelta(seconds=59), "just now", "just now"),
        (timedelta(minutes=18), "18 min", "18 min ago"),
        (timedelta(minutes=59, seconds=59), "59 min", "59 min ago"),
        (timedelta(hours=2, minutes=1), "2 h", "08:41"),
        (timedelta(hours=10, minutes=42), "10 h", "00:00"),
        (timedelta(hours=16, minutes=22), "16 h", "Yesterday 18:20"),
        (timedelta(days=2), "2 d", "Sun 10:42"),
        (timedelta(days=6, hours=10), "6 d", "Wed 00:42"),
        (timedelta(days=7), "17 Nov", "17 Nov"),
        (timedelta(days=83), "2 Sep", "2 Sep"),
        (timedelta(days=430), "Sep 2025", "Sep 2025"),
        (timedelta(minutes=-12), "just now", "in 12 min"),
        (timedelta(hours=-3), "just now", "13:42"),
        (timedelta(hours=-24), "just now", "Tomorrow 10:42"),
        (timedelta(days=-3), "just now", "Fri 10:42"),
    ],
)
def test_moments_read_as_people_say_them(before: timedelta, age: str, moment: str) -> None:
    assert words.ago(NOW - before, NOW, BERLIN) == age
    assert words.moment(NOW - before, NOW, BERLIN) == moment


def test_the_day_is_the_readers_day() -> None:
    at = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    assert words.moment(at, NOW, BERLIN) == "00:30"
    assert words.moment(at, NOW, ZoneInfo("America/New_York")) == "Yesterday 18:30"


def test_the_clock_follows_the_locale() -> None:
    at = NOW - timedelta(hours=2)
    assert words.moment(at, NOW, BERLIN, "de") == "08:42"
    assert words.moment(at, NOW, BERLIN, "en_US") == "8:42\u202fAM"
    assert words.moment(NOW - timedelta(minutes=5), NOW, BERLIN, "de") == "vor 5 Min."
    assert words.moment(at, NOW, BERLIN, "no-such-tongue") == "08:42"


def test_the_full_form_names_seconds_and_zone_on_both_sides_of_the_change() -> None:
    assert words.full(NOW, BERLIN) == "Tuesday, 24 November 2026, 10:42:00 CET"
    summer = datetime(2026, 7, 1, 9, 42, 7, tzinfo=UTC)
    assert words.full(summer, BERLIN) == "Wednesday, 1 July 2026, 11:42:07 CEST"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-5, "0 s"),
        (45, "45 s"),
        (720, "12 min"),
        (3600, "1 h 00"),
        (6720, "1 h 52"),
        (18_120, "5 h 02"),
        (86_400, "1 d"),
        (187_200, "2 d 4 h"),
        (9 * 86_400 + 7200, "9 d"),
    ],
)
def test_durations_have_at_most_two_units(seconds: int, expected: str) -> None:
    assert words.duration(seconds) == expected


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (-1, "0 B"),
        (812, "812 B"),
        (1000, "1 KB"),
        (184_320, "184 KB"),
        (999_960, "1 MB"),
        (1_440_000, "1.4 MB"),
        (12_000_000, "12 MB"),
        (5_000_000_000_000_000, "5,000 TB"),
    ],
)
def test_file_sizes(size: int, expected: str) -> None:
    assert words.file_size(size) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Lena Hartmann", "LH"),
        ("Noor El Amrani", "NA"),
        ("lena.hartmann@example.de", "LH"),
        ("info@example.de", "I"),
        ("", "?"),
        ("\u200b \u202e", "?"),
        ("\U0001f600 Bob", "B"),
        ("ßen", "S"),
        ("李 小龙", "李小"),
    ],
)
def test_initials(name: str, expected: str) -> None:
    assert words.initials(name) == expected


def test_a_tone_is_stable_and_blind_to_case() -> None:
    assert words.tone("Lena@Example.de") == words.tone(" lena@example.de")
    assert {words.tone(str(number)) for number in range(100)} == set(words.TONES)
    assert words.tone("\ud800") in words.TONES


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("see https://a.example/x?y=1.", ["https://a.example/x?y=1"]),
        ("(www.b.example/z), ok", ["https://www.b.example/z"]),
        ("https://a.example/wiki/X_(y)", ["https://a.example/wiki/X_(y)"]),
        ("javascript:alert(1) data:text/html,x", []),
        ("https://user@evil.example", []),
        ("https://", []),
        ('https://a.example/"onclick=x', ["https://a.example/"]),
        ("https://[::1", []),
    ],
)
def test_only_web_addresses_become_links_and_no_character_is_lost(text: str, links: list[str]) -> None:
    found = list(words.pieces(text))
    assert "".join(piece.text for piece in found) == text
    assert [piece.href for piece in found if piece.href] == links


def test_paragraphs_end_at_blank_lines_and_keep_their_lines() -> None:
    found = words.paragraphs("\n one\r\n  two \n \n\n\nsee https://a.example\n")
    assert [["".join(piece.text for piece in paragraph)] for paragraph in found] == [
        [" one\n  two"],
        ["see https://a.example"],
    ]
    assert found[1][1].href == "https://a.example"
    assert words.paragraphs(" \n\n") == ()


def test_links_are_found_in_linear_time() -> None:
    for unit in ("http://", "www.", "https://a.example/((((", ")" * 50, "https://a" + "." * 50):
        text = unit * (256_000 // len(unit))
        start = time.process_time()
        list(words.pieces(text))
        assert time.process_time() - start < 1.5, unit
