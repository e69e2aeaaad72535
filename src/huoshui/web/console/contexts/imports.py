"""数据接入: files on their way in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.errors import Refused
from huoshui.intake.imports.api import Field, Preview, Problem, RunView
from huoshui.web.console import numbers, words
from huoshui.web.console.contexts import import_quarantine, import_sentences, import_tags, rooms
from huoshui.web.console.contexts.people import Choice
from huoshui.web.console.retell import retell

SAMPLES = 8
SURE = 0.75
PROBLEMS = 50
RUNNING = ("queued", "running")


@dataclass(frozen=True)
class RunRow:
    run: RunView
    who: str
    url: str
    title: str
    kind: str
    state: str
    tone: str
    result: str


@dataclass(frozen=True)
class ImportsContext:
    runs: list[RunRow]
    kinds: tuple[Choice, ...]
    error: str


@dataclass(frozen=True)
class HeaderColumn:
    """One column of the file: its header, the field it serves, and what stands in it."""

    place: int
    header: str
    choices: tuple[Choice, ...]
    is_used: bool
    guess: str = ""
    """That this column was guessed, and how surely; '' where its header says so itself."""
    is_unsure: bool = False


@dataclass(frozen=True)
class MappingForm:
    kinds: tuple[Choice, ...]
    formats: tuple[Choice, ...]
    what: str
    sure: str
    is_weak: bool
    note: str
    maybe: tuple[str, ...]
    saved_for: str
    source_name: str
    sources: tuple[str, ...]
    modes: tuple[tuple[Choice, str], ...]
    columns: tuple[HeaderColumn, ...]
    samples: tuple[tuple[str, ...], ...]
    missing: tuple[str, ...]
    left_over: str
    """What becomes of a column that serves no field."""
    provenance: import_quarantine.ProvenanceForm


@dataclass(frozen=True)
class ProblemGroup:
    reason: str
    remedy: str
    count: int


@dataclass(frozen=True)
class RunContext:
    run: RunView
    title: str
    step: int
    sentence: SafeString
    form: MappingForm | None
    unreadable: str
    error: str
    percent: float
    rate: str
    left: str
    counts: list[tuple[str, int]]
    problems: Sequence[Problem]
    phase: str
    groups: list[ProblemGroup]
    is_running: bool
    may_resume: bool
    may_undo: bool
    undone: str
    undo_means: str
    undo_url: str
    quarantine: import_quarantine.QuarantineContext | None
    tags: import_tags.TagsForm | None
    progress_url: str


def imports(actor: Actor, *, error: str = "") -> ImportsContext:
    """Raises NotFound for an actor who may not import."""
    return ImportsContext(
        runs=_rows(rooms.imports.runs(actor)),
        kinds=_kinds(""),
        error=error,
    )


def title_of(run: RunView) -> str:
    """What a run is called: its file's name, and how many more there are."""
    if not run.files:
        return _("没有文件")
    if len(run.files) == 1:
        return run.files[0]
    return ngettext("{name} 等 {n} 个文件", "{name} 等 {n} 个文件", len(run.files)).format(
        name=run.files[0], n=len(run.files)
    )


def _rows(runs: Sequence[RunView]) -> list[RunRow]:
    undone = rooms.imports.undo_states([run.id for run in runs])
    return [_row(run, undone.get(run.id)) for run in runs]


def _row(run: RunView, undone: str | None) -> RunRow:
    state = "tried" if run.state == "done" and run.is_dry_run else run.state
    return RunRow(
        run=run,
        who=_("系统") if run.actor_name == SYSTEM.name else run.actor_name,
        url=reverse("console:import", args=[run.id]),
        title=title_of(run),
        kind=_kind_of(run),
        state=_state(run, state, undone),
        tone="clay"
        if undone or run.quarantine in ("held", "asked")
        else {"failed": "red", "interrupted": "clay", "done": "water"}.get(state, ""),
        result=_result(run),
    )


def _state(run: RunView, state: str, undone: str | None) -> str:
    if run.quarantine in import_quarantine.CLOSED:
        return str(words.QUARANTINE_STATES[run.quarantine])
    return str(words.UNDO_STATES[undone] if undone else words.RUN_STATES[state])


def _kind_of(run: RunView) -> str:
    of = next((f for f in rooms.imports.FORMATS if f.name == run.format), None)
    return _(of.label) if of else str(words.KINDS.get(run.kind, ""))


def _result(run: RunView) -> str:
    if run.state in RUNNING:
        return numbers.percent(run.share)
    if run.state != "done":
        return ""
    parts = [f"{label} {numbers.count(value)}" for label, value in counts(run)[:2]]
    return " · ".join(parts)


def counts(run: RunView) -> list[tuple[str, int]]:
    return [(str(label), run.counts[key]) for key, label in words.COUNTS.items() if run.counts.get(key)]


def _kinds(chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(name, str(label), name == chosen) for name, label in words.KINDS.items())


def run(
    actor: Actor, run_id: int, *, error: str = "", posted: Mapping[str, str] | None = None, reason: str = ""
) -> RunContext:
    """One run at its present step. `posted` is what the user had chosen when it was refused."""
    view = rooms.imports.run_for(actor, run_id)
    is_running = view.state in RUNNING
    is_closed = view.quarantine in import_quarantine.CLOSED
    form, unreadable = (None, "") if is_running or is_closed or _is_over(view) else _form(actor, view, posted)
    problems = (
        rooms.imports.problems(actor, run_id, limit=PROBLEMS)
        if view.problems and not is_running and not is_closed
        else []
    )
    undone = rooms.imports.undo_states([run_id]).get(run_id)
    return RunContext(
        run=view,
        title=title_of(view),
        step=_step(view),
        sentence=import_sentences.sentence(view, form, is_undone=undone == "done"),
        form=form,
        unreadable=unreadable,
        error=error,
        percent=round(100 * view.share, 1),
        rate=_rate(view),
        left=_left(view),
        counts=counts(view),
        problems=[replace(p, reason=retell(p.reason)) for p in problems],
        phase=retell(view.phase) or _("排队中"),
        groups=_groups(problems),
        is_running=is_running,
        may_resume=view.state in ("failed", "interrupted") and not is_closed,
        may_undo=undone is None and _is_over(view),
        undone=str(words.UNDO_STATES[undone]) if undone else "",
        undo_means=str(words.UNDO_MEANS[undone]) if undone else "",
        undo_url=reverse("console:import-undo", args=[run_id]),
        quarantine=import_quarantine.quarantine(actor, view, reason=reason),
        tags=import_tags.form(actor, view) if form else None,
        progress_url=reverse("console:import", args=[run_id]),
    )


def _is_over(view: RunView) -> bool:
    return view.state == "done" and not view.is_dry_run


def _step(view: RunView) -> int:
    """1 file, 2 headers, 3 trial, 4 import."""
    if _is_over(view):
        return 5
    if view.quarantine in import_quarantine.CLOSED:
        return 4
    if view.state in RUNNING or view.state == "interrupted":
        return 3 if view.is_dry_run else 4
    return 3 if view.state == "done" else 2


def _rate(view: RunView) -> str:
    return _("每秒 {n} 行").format(n=numbers.count(round(view.rate))) if view.rate else ""


def _left(view: RunView) -> str:
    if view.seconds_left is None:
        return ""
    if view.seconds_left < 60:
        return ngettext("大约还要 {n} 秒", "大约还要 {n} 秒", view.seconds_left).format(n=view.seconds_left)
    minutes = round(view.seconds_left / 60)
    return ngettext("大约还要 {n} 分钟", "大约还要 {n} 分钟", minutes).format(n=minutes)


def _form(actor: Actor, view: RunView, posted: Mapping[str, str] | None) -> tuple[MappingForm | None, str]:
    """The headers and what they mean; or why the file cannot be read."""
    try:
        seen = rooms.imports.preview(actor, view.id)
    except Refused as error:
        return None, retell(str(error))
    kind, form = told_kind((posted or {}).get("kind") or seen.format or seen.kind)
    fields = rooms.imports.fields_of(kind) if kind in words.KINDS else ()
    chosen = _chosen(seen, posted)
    columns = tuple(
        _column(place, header, fields, chosen.get(place, ""), seen)
        for place, header in enumerate(seen.headers)
    )
    mode = (posted or {}).get("mode") or view.mode
    modes = tuple(
        (Choice(name, str(label), name == mode), str(words.MODE_MEANS[name]))
        for name, label in words.MODES.items()
    )
    source = (posted or {}).get("source_name") or seen.saved_for or view.source_name
    return MappingForm(
        kinds=_kinds("" if form else kind),
        formats=tuple(Choice(f.name, _(f.label), f.name == form) for f in rooms.imports.FORMATS),
        what=_(seen.label) if seen.label else "",
        sure=_sure(seen.confidence),
        is_weak=seen.is_weak,
        note=_(seen.note) if seen.note else "",
        maybe=_maybe(seen, fields),
        saved_for=seen.saved_for,
        source_name=rooms.imports.source_for(kind, form, given=source),
        sources=tuple(rooms.imports.source_names(actor)),
        modes=modes,
        columns=columns,
        samples=seen.samples[:SAMPLES],
        missing=seen.missing,
        left_over=_left_over(kind, set(chosen.values())),
        provenance=import_quarantine.form(view, posted),
    ), ""


def _left_over(kind: str, chosen: Set[str]) -> str:
    """Of people everything is kept, but where answers stand one per row."""
    is_kept = kind == "people" or (kind == "survey" and not {"question", "answer"} <= chosen)
    return _("留作顾客资料") if is_kept else _("不导入")


def _sure(score: float) -> str:
    """A guess has no decimals."""
    return f"{round(100 * score)}%"


def told_kind(said: str) -> tuple[str, str]:
    """What was picked, as kind and format: a platform's format is of one kind; a kind alone is a table of one's own."""
    of = next((f for f in rooms.imports.FORMATS if f.name == said), None)
    return (of.kind, of.name) if of else (said, "")


def _maybe(seen: Preview, fields: Sequence[Field]) -> tuple[str, ...]:
    labels = {field.name: field.label for field in fields}
    return tuple(
        _("“{header}”可能是{field}（把握 {sure}）").format(
            header=header, field=_(labels[name]), sure=_sure(sure)
        )
        for name, (header, sure) in seen.maybe.items()
        if name in labels
    )


def _chosen(seen: Preview, posted: Mapping[str, str] | None) -> dict[int, str]:
    """Place of a column → the field it serves."""
    if posted is not None:
        return {place: posted.get(f"column-{place}", "") for place in range(len(seen.headers))}
    place_of = {header: place for place, header in enumerate(seen.headers)}
    return {
        place_of[header]: name
        for name, headers in seen.mapping.items()
        for header in ((headers,) if isinstance(headers, str) else headers)
        if header in place_of
    }


def _column(place: int, header: str, fields: Sequence[Field], chosen: str, seen: Preview) -> HeaderColumn:
    choices = tuple(
        Choice(f.name, _(f.label) + (" *" if f.required else ""), f.name == chosen) for f in fields
    )
    sure = seen.guessed.get(chosen) if seen.mapping.get(chosen) == header else None
    if sure is None:
        return HeaderColumn(place, header, choices, any(c.is_chosen for c in choices))
    said = _("猜的，把握 {sure}").format(sure=_sure(sure))
    return HeaderColumn(place, header, choices, True, said, sure < SURE)


def mapping_from(actor: Actor, run_id: int, posted: Mapping[str, str]) -> dict[str, str | list[str]]:
    """The posted choices as field → header. Raises Refused where two columns claim one field."""
    seen = rooms.imports.preview(actor, run_id)
    kind, _form = told_kind(posted.get("kind", ""))
    if kind not in words.KINDS:
        raise Refused(_("请选择这是哪一种表。"))
    known = {field.name: field for field in rooms.imports.fields_of(kind)}
    mapping: dict[str, str | list[str]] = {}
    for place, header in enumerate(seen.headers):
        field = known.get(posted.get(f"column-{place}", ""))
        if field is None:
            continue
        before = mapping.get(field.name)
        if before is not None and not field.sums:
            raise Refused(_("“{field}”对应了两列，请只留一列。").format(field=_(field.label)))
        if not field.sums:
            mapping[field.name] = header
        else:
            mapping[field.name] = [*(before or []), header]
    return mapping


def _groups(problems: Sequence[Problem]) -> list[ProblemGroup]:
    """The reasons among the problems shown, most frequent first."""
    found: dict[tuple[str, str], int] = {}
    for problem in problems:
        key = (retell(problem.reason), retell(problem.remedy))
        found[key] = found.get(key, 0) + 1
    return [ProblemGroup(*key, n) for key, n in sorted(found.items(), key=lambda item: -item[1])]
