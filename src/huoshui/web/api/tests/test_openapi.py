"""What is documented is what is answered."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from huoshui.core import unmet
from huoshui.web.api import addresses as _declared  # noqa: F401
from huoshui.web.api import catalogue, english
from huoshui.web.api.service import document_bytes
from huoshui.web.api.tests.client import Caller

SOURCE = Path(__file__).parents[3]
PLACES = ("web/api", "intake/tills")
# The position of the code among the arguments of what tells one
RAISED_BY = {"Problem": 0, "Refusal": 0, "Place": 1, "blame": 1, "Unmet": 1}


def codes_raised() -> Iterator[tuple[str, str]]:
    for place in PLACES:
        for path in sorted((SOURCE / place).rglob("*.py")):
            if "tests" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and (code := _code(node)):
                    yield path.name, code


def _code(call: ast.Call) -> str:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    position = RAISED_BY.get(name)
    if position is None or len(call.args) <= position:
        return ""
    argument = call.args[position]
    return str(argument.value) if isinstance(argument, ast.Constant) else ""


def test_every_code_raised_is_in_the_catalogue_and_the_document() -> None:
    raised = set(codes_raised())
    told = set(
        json.loads(document_bytes())["components"]["schemas"]["ProblemBody"]["properties"]["code"]["enum"]
    )

    assert {"points_short", "amounts_differ", "not_found", "key_reused", "failed"} <= told
    assert {("turning.py", "out_of_range"), ("reading.py", "malformed")} <= raised
    unknown = {(f, c) for f, c in raised if c not in told and c not in catalogue.PLACES}
    assert not unknown
    assert told == set(catalogue.codes())


def test_every_code_has_its_sentence_in_both_languages() -> None:
    assert not set(unmet.codes()) - english.SENTENCES.keys(), (
        "English of these is missing in web/api/english.py"
    )
    for code in catalogue.codes():
        zh, en = (catalogue.sentence(code, language, {}) for language in ("zh-Hans", "en"))
        assert re.search("[\u4e00-\u9fff]", zh), code
        assert en
        assert not re.search("[\u4e00-\u9fff]", en), code


def test_english_fills_what_chinese_fills() -> None:
    """A figure that one language tells the other tells too."""
    fields = re.compile(r"\{(\w+)")
    for code in unmet.codes():
        zh, en = unmet._SENTENCES[code], english.SENTENCES[code]
        assert set(fields.findall(en)) == set(fields.findall(zh)), code
    for code, entry in catalogue.OWN.items():
        assert set(fields.findall(entry.en)) == set(fields.findall(entry.zh)), code


def test_every_status_of_a_code_has_its_title_and_answer() -> None:
    answers = json.loads(document_bytes())["components"]["responses"]

    for code in catalogue.codes():
        assert f"Problem{catalogue.status_of(code)}" in answers


def test_references_lead_somewhere() -> None:
    document = json.loads(document_bytes())

    for reference in set(_references(document)):
        found: Any = document
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
        assert found


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


@pytest.fixture
def visitor(db: None, settings: Settings) -> Client:
    settings.WHITENOISE_USE_FINDERS = False
    return Client()


def test_the_document_needs_no_key(visitor: Client) -> None:
    answer = Caller().get("/openapi.json")

    assert (answer.status, answer.kind) == (200, "application/json")
    assert answer.json["openapi"].startswith("3.1")
    assert "/api/v1/sales/{order_key}/refunds" in answer.json["paths"]


def test_the_page_tells_every_address_and_code_and_keeps_the_policy(visitor: Client) -> None:
    response = visitor.get("/api/v1/docs")
    text = response.content.decode()

    assert response.status_code == 200
    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert "<script" not in text
    assert " style=" not in text
    assert not re.search(r"""(src|href)=["'](https?:)?//""", text), "nothing comes from elsewhere"
    for path in json.loads(document_bytes())["paths"]:
        assert path in text
    for code in catalogue.codes():
        assert f'id="{code}"' in text


def test_what_the_page_shows_can_be_reached(visitor: Client) -> None:
    text = visitor.get("/api/v1/docs").content.decode()
    ids = set(re.findall(r' id="([^"]+)"', text))

    assert not {a for a in re.findall(r'href="#([^"]+)"', text) if a not in ids}
