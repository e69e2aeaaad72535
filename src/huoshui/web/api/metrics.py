"""Measures: which there are and what they mean, and their values, for the stores of the key."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from huoshui.insight.api import BadQuestion
from huoshui.insight.api import metrics as measured
from huoshui.web.api import metric_types, rooms
from huoshui.web.api.auth import caller
from huoshui.web.api.problems import Problem, language_of
from huoshui.web.api.reading import json_body
from huoshui.web.api.service import endpoint
from huoshui.web.api.views import answered
from huoshui.web.measured import BESIDE


@endpoint("GET", "/metrics", "metrics", answer=metric_types.MetricsAnswer, summary="所有指标")
def list_metrics(request: HttpRequest) -> HttpResponse:
    """每个指标怎么算、单位是什么、能不能加总、能按哪些维度分。"""
    lang = _language(request)
    told = [
        metric_types.MetricView(
            name=measure.name,
            label=measure.label_en if lang == "en" else measure.label_zh,
            says=measure.says_en if lang == "en" else measure.says_zh,
            kind=measure.kind,
            adds_up=measure.adding,
            formula=" / ".join(measure.parts) if measure.parts else str(measure.formula),
            by=[column.name for column in measured.cuttable(measure.name)],
        )
        for measure in measured.MEASURES.values()
    ]
    return answered(request, metric_types.MetricsAnswer(metrics=told))


@endpoint(
    "POST",
    "/metrics/query",
    "metrics",
    answer=metric_types.MeasuredAnswer,
    body=metric_types.MetricsToAsk,
    summary="问指标：按哪些维度、哪些日子、什么条件",
)
def query_metrics(request: HttpRequest) -> HttpResponse:
    """限定了门店的密钥只看得到这些门店的数。也可以按 attr.属性、tag.标签、segment.人群号 分。"""
    body, _ = json_body(request, metric_types.MetricsToAsk)
    who = caller(request)
    try:
        told = rooms.metrics.ask(
            body.measures,
            body.by,
            body.where,
            (body.first, body.last),
            at=sorted(rooms.brand.units_below(sorted(who.org_unit_ids))) if who.store_codes else None,
            beside=BESIDE,
            limit=body.limit,
            lang=_language(request),
        )
    except BadQuestion as error:
        raise Problem("question_wrong", {"reason": str(error)}) from error
    return answered(
        request,
        metric_types.MeasuredAnswer(
            rows=[dict(row) for row in told.rows],
            whole=dict(told.whole),
            left_off=told.left_off,
            sentence=told.sentence,
            fresh=dict(told.fresh),
        ),
    )


def _language(request: HttpRequest) -> str:
    return "en" if language_of(request).startswith("en") else "zh"
