"""What each address takes and answers, problems included; the schemas are those of the types that do the work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, get_args

import msgspec

from huoshui.web.api import (
    answers,
    bodies,
    catalogue,
    lead_types,
    metric_types,
    problems,
    segment_types,
    tag_types,
)
from huoshui.web.api.bulk import MEDIA_TYPE
from huoshui.web.api.routes import parameters_in

REF = "#/components/schemas/{name}"
_KINDS = (
    bodies.Quote,
    bodies.Sale,
    bodies.BulkSale,
    bodies.Refund,
    bodies.Exchange,
    bodies.Void,
    bodies.ReceiptClaim,
    bodies.Claim,
    bodies.Visit,
    bodies.Reserve,
    bodies.Transfer,
    bodies.PointsExchange,
    bodies.PartnerPoints,
    answers.QuoteAnswer,
    answers.OutcomeAnswer,
    answers.ExchangeAnswer,
    answers.Verdict,
    answers.SaleAnswer,
    answers.ReceiptAnswer,
    answers.CustomerAnswer,
    answers.StockDocumentsAnswer,
    answers.PointsAnswer,
    answers.CouponsAnswer,
    answers.ClaimAnswer,
    answers.VisitAnswer,
    answers.AvailableAnswer,
    answers.ReservationAnswer,
    answers.HandOverAnswer,
    answers.TransferAnswer,
    answers.PointsExchangeAnswer,
    answers.PartnerPointsAnswer,
    segment_types.RuleToTry,
    segment_types.RuleToEstimate,
    segment_types.CountToCallOff,
    segment_types.SegmentToSave,
    segment_types.VersionToSave,
    segment_types.ScheduleToSet,
    segment_types.ExportToPlan,
    segment_types.SegmentExports,
    segment_types.SegmentsAnswer,
    segment_types.SegmentAnswer,
    segment_types.SegmentMembersAnswer,
    segment_types.SegmentEstimateAnswer,
    segment_types.CountCalledOff,
    segment_types.SegmentPreviewAnswer,
    lead_types.LeadToAdd,
    lead_types.LeadAnswer,
    metric_types.MetricsToAsk,
    metric_types.MetricsAnswer,
    metric_types.MeasuredAnswer,
    tag_types.TagToDefine,
    tag_types.TagVersionToSave,
    tag_types.TagToGive,
    tag_types.TagToEnd,
    tag_types.TagsAnswer,
    tag_types.TagAnswer,
    tag_types.TagMembersAnswer,
    tag_types.CustomerTagsAnswer,
    tag_types.TagGivenAnswer,
    problems.ProblemBody,
)
INFO = {
    "title": "活水 业务接口",
    "version": "1",
    "description": "收银、商城与活水之间的接口。金额都是分（整数），数量最多三位小数，时间要写时区（RFC 3339）。",
}
BEARER = "ApiKeyBearer"
_BEARER = {
    "type": "http",
    "scheme": "bearer",
    "description": "hs_…，由 `huoshui keys add` 发出，只显示一次。",
}
_ALWAYS = (401, 403, 405, 429, 500, 503)

Schema = dict[str, Any]


def header(name: str, schema: Schema, description: str, *, is_required: bool = False) -> Schema:
    return {
        "name": name,
        "in": "header",
        "required": is_required,
        "schema": schema,
        "description": description,
    }


IDEMPOTENCY_KEY = header(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": get_args(bodies.Key)[1].pattern},
    "每次写入自己编一个，重试时不变。同一个键、同样的内容得到同样的回答；内容不同是 409。",
    is_required=True,
)


def query(name: str, description: str) -> Schema:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "schema": {"type": "string"},
        "description": description,
    }


def operation(
    name: str,
    path: str,
    *,
    summary: str,
    about: str,
    answer: type,
    statuses: Sequence[int],
    body: type | None = None,
    parameters: Sequence[Schema] = (),
    is_write: bool = False,
    problems_too: Sequence[int] = (),
    is_ndjson: bool = False,
    is_csv: bool = False,
) -> Schema:
    """One method of one address."""
    refused = {*_ALWAYS, *problems_too}
    if body is not None:
        refused |= {400, 413, 415, 422}
    if is_write:
        refused |= {409}
    in_path = [_in_path(parameter) for parameter in parameters_in(path)]
    made: Schema = {
        "operationId": name,
        "summary": summary,
        "description": about,
        "security": [{BEARER: []}],
        "parameters": [*in_path, *parameters, *([IDEMPOTENCY_KEY] if is_write else [])],
        "responses": {
            **{status: _answered(answer, status, is_write, is_ndjson, is_csv) for status in statuses},
            **{status: {"$ref": f"#/components/responses/Problem{status}"} for status in sorted(refused)},
        },
    }
    if body is not None:
        made["requestBody"] = {"required": True, "content": _content(body, is_ndjson)}
    return made


def _in_path(name: str) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _content(kind: type, is_ndjson: bool) -> Schema:
    ref = {"$ref": REF.format(name=kind.__name__)}
    if not is_ndjson:
        return {"application/json": {"schema": ref}}
    about = f"每行一个 {kind.__name__}，UTF-8。"
    return {MEDIA_TYPE: {"schema": {"type": "string", "description": about, "x-item-schema": ref}}}


def _answered(kind: type, status: int, is_write: bool, is_ndjson: bool, is_csv: bool) -> Schema:
    headers: Schema = {"Content-Language": {"schema": {"type": "string"}}}
    if is_write:
        headers["Idempotent-Replayed"] = {
            "schema": {"type": "string", "enum": ["true"]},
            "description": "只在重复的请求上出现。",
        }
    about = {200: "好", 201: "已入账", 202: "已收下，还没有入账（见 state）"}[status]
    content = {"text/csv": {"schema": {"type": "string"}}} if is_csv else _content(kind, is_ndjson)
    return {"description": about, "headers": headers, "content": content}


def document(operations: Iterable[tuple[str, str, Schema]]) -> Schema:
    """Of (path, method, operation)."""
    paths: dict[str, Schema] = {}
    for path, method, told in operations:
        paths.setdefault(path, {})[method.lower()] = told
    return {"openapi": "3.1.0", "info": INFO, "paths": paths, "components": _components(), "servers": []}


def _components() -> Schema:
    """Built when asked for: the codes of `core.unmet` are known once every room is imported."""
    _, schemas = msgspec.json.schema_components(_KINDS, ref_template=REF)
    schemas["ProblemBody"]["properties"]["code"] = {"type": "string", "enum": catalogue.codes()}
    return {
        "schemas": schemas,
        "securitySchemes": {BEARER: _BEARER},
        "responses": {f"Problem{status}": _problem(status) for status in catalogue.TITLES},
    }


def _problem(status: int) -> Schema:
    codes = catalogue.codes_of(status)
    headers: Schema = {"Content-Language": {"schema": {"type": "string", "enum": ["zh-Hans", "en"]}}}
    if status in (429, 503):
        headers["Retry-After"] = {"schema": {"type": "integer", "minimum": 1}, "description": "秒"}
    if status == 401:
        headers["WWW-Authenticate"] = {"schema": {"type": "string"}}
    if status == 405:
        headers["Allow"] = {"schema": {"type": "string"}}
    narrowed = {
        "allOf": [
            {"$ref": REF.format(name="ProblemBody")},
            {"type": "object", "properties": {"code": {"enum": codes}, "status": {"const": status}}},
        ]
    }
    return {
        "description": f"{catalogue.title(status, 'zh-Hans')}：{'、'.join(codes)}",
        "headers": headers,
        "content": {problems.CONTENT_TYPE: {"schema": narrowed}},
    }
