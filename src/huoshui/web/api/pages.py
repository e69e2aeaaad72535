"""The API told to people and to programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from huoshui.web.api import catalogue
from huoshui.web.api.service import document_bytes, page


@page("/openapi.json")
def openapi_json(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(document_bytes(), content_type="application/json")
    response["Cache-Control"] = "public, max-age=300"
    return response


@dataclass(frozen=True)
class Row:
    name: str
    kind: str
    is_required: bool
    about: str


@dataclass(frozen=True)
class Block:
    name: str
    about: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Address:
    method: str
    path: str
    summary: str
    about: str
    parameters: tuple[Row, ...]
    body: str
    answers: tuple[tuple[int, str, str], ...]
    problems: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Code:
    code: str
    status: int
    zh: str
    en: str


@dataclass(frozen=True)
class Page:
    title: str
    about: str
    addresses: tuple[Address, ...]
    blocks: tuple[Block, ...]
    codes: tuple[Code, ...]


@page("/docs")
def docs(request: HttpRequest) -> HttpResponse:
    """A plain page without a script, made from the same document that programs read."""
    made = msgspec.json.decode(document_bytes())
    made_of = Page(
        title=made["info"]["title"],
        about=made["info"]["description"],
        addresses=tuple(
            _address(method, path, operation)
            for path, methods in made["paths"].items()
            for method, operation in methods.items()
        ),
        blocks=tuple(_block(name, schema) for name, schema in sorted(made["components"]["schemas"].items())),
        codes=tuple(
            Code(
                code,
                catalogue.status_of(code),
                catalogue.shown(code, "zh-Hans"),
                catalogue.shown(code, "en"),
            )
            for code in catalogue.codes()
        ),
    )
    return render(request, "api/docs.html", {"page": made_of})


def _address(method: str, path: str, operation: dict[str, Any]) -> Address:
    content = operation.get("requestBody", {}).get("content", {})
    return Address(
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        about=operation.get("description", ""),
        parameters=tuple(
            Row(p["name"], p["in"], p["required"], p.get("description", "")) for p in operation["parameters"]
        ),
        body=_kind_in(content),
        answers=tuple(
            (int(status), _kind_in(answer["content"]), answer["description"])
            for status, answer in operation["responses"].items()
            if "content" in answer
        ),
        problems=tuple(
            (int(status), catalogue.title(int(status), "zh-Hans"))
            for status, answer in operation["responses"].items()
            if "$ref" in answer
        ),
    )


def _kind_in(content: dict[str, Any]) -> str:
    for form, media in content.items():
        if form == "text/csv":
            return "CSV"
        schema = media["schema"]
        return _kind(schema.get("x-item-schema", schema))
    return ""


def _block(name: str, schema: dict[str, Any]) -> Block:
    required = set(schema.get("required", ()))
    rows = tuple(
        Row(field, _kind(kind), field in required, kind.get("description", ""))
        for field, kind in schema.get("properties", {}).items()
    )
    return Block(name, schema.get("description", ""), rows)


def _kind(schema: dict[str, Any]) -> str:
    """A schema in few words: int, Sale, [SaleLine], int | null."""
    if ref := schema.get("$ref"):
        return str(ref).rpartition("/")[2]
    if any_of := schema.get("anyOf"):
        return " | ".join(dict.fromkeys(_kind(one) for one in any_of))
    if schema.get("type") == "array":
        return f"[{_kind(schema['items'])}]"
    return str(schema.get("format") or schema.get("type") or "any")
