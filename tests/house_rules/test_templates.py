"""Rules over the templates. Pages live under a strict content security policy, mails cannot."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house_rules.source import ROOT, files, name, text

SAFE_WITH_A_REASON: dict[str, str] = {}
"""Templates that may say `|safe`: name -> why its value can never hold what somebody typed."""

_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_TAG = re.compile(r"<([a-zA-Z][\w-]*)((?:\"[^\"]*\"|'[^']*'|[^<>\"'])*)>", re.DOTALL)


def templates(mail: bool) -> Iterator[Path]:
    """Every template of pages, or of mails."""
    for path in files("helpdesk", "mail_ingest"):
        parts = path.relative_to(ROOT).parts
        if "templates" in parts and ("mail" in parts[parts.index("templates") :]) is mail:
            yield path


def test_safe_is_said_only_where_the_reason_stands() -> None:
    found = [
        name(path)
        for is_mail in (False, True)
        for path in templates(mail=is_mail)
        if says_safe(text(path)) and name(path) not in SAFE_WITH_A_REASON
    ]
    assert not found, "\n".join(found)


def test_reasons_are_not_kept_for_nothing() -> None:
    assert [path for path in SAFE_WITH_A_REASON if not says_safe(text(ROOT / path))] == []


def says_safe(source: str) -> bool:
    """Whether escaping is switched off in a template."""
    return bool(re.search(r"\|\s*safe\b|autoescape\s+false", source))


def test_pages_hold_nothing_that_the_policy_forbids() -> None:
    found = [
        f"{name(path)}: {what}" for path in templates(mail=False) for what in forbidden_by_policy(text(path))
    ]
    assert not found, "\n".join(found)


def forbidden_by_policy(source: str) -> Iterator[str]:
    """Inline styles, scripts and handlers of a page's template."""
    html = _JINJA.sub(" ", source)
    for tag, attributes in _TAG.findall(html):
        bare = re.sub(r"=\s*(\"[^\"]*\"|'[^']*')", "=x", attributes)
        if tag.lower() == "style" or re.search(r"(^|\s)style\s*=", bare):
            yield f"<{tag}> with an inline style"
        if tag.lower() == "script" and not re.search(r"(^|\s)src\s*=", bare):
            yield "<script> without src"
        if re.search(r"(^|\s)on[a-z]+\s*=", bare):
            yield f"<{tag}> with an inline handler"
        if re.search(r"(^|\s)(data-)?hx-on", bare):
            yield f"<{tag}> with hx-on, which needs eval"
        if re.search(r"(href|src|action)\s*=\s*[\"']?\s*javascript:", attributes, re.IGNORECASE):
            yield f"<{tag}> with a javascript: address"


@pytest.mark.parametrize(
    "source",
    [
        '<p style="color: red">',
        "<p\n  style='color: {{ colour }}'>",
        '<p {% if red %}style="color: red"{% endif %}>',
        "<style>p { color: red }</style>",
        "<script>alert(1)</script>",
        '<script type="module">alert(1)</script>',
        '<a onclick="go()">',
        '<a hx-on:click="go()">',
        '<a href="javascript:go()">',
    ],
)
def test_the_rule_of_the_policy_bites(source: str) -> None:
    assert list(forbidden_by_policy(source))


@pytest.mark.parametrize(
    "source",
    [
        "<script src=\"{{ url_for('static', filename='a.js') }}\" type=\"module\"></script>",
        '<p class="on" data-on="1" title="a style = b">{{ macro(one=1, style="x") }}</p>',
        '<a hx-get="/x" {{ attributes(only="this") }}>',
    ],
)
def test_the_rule_of_the_policy_lets_the_rest_through(source: str) -> None:
    assert list(forbidden_by_policy(source)) == []


@pytest.mark.parametrize("source", ["{{ x|safe }}", "{{ x | upper | safe }}", "{% autoescape false %}"])
def test_the_rule_of_safe_bites(source: str) -> None:
    assert says_safe(source)


def test_the_rule_of_safe_knows_other_filters() -> None:
    assert not says_safe("{{ x|safe_html }} {{ is_safe }}")
