from __future__ import annotations

from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound, Refused
from huoshui.intake.imports.api import ProvenanceIncomplete
from huoshui.web.console import shell
from huoshui.web.console.contexts import import_quarantine, import_tags, rooms
from huoshui.web.console.contexts import imports as contexts
from huoshui.web.console.retell import retell
from huoshui.web.console.views.access import staff_only, wants_fragment

REFUSED = 422


@require_http_methods(["GET", "POST"])
@staff_only
def imports(request: HttpRequest, actor: Actor) -> HttpResponse:
    if request.method == "POST":
        return _upload(request, actor)
    return shell.page(request, actor, "console/imports.html", contexts.imports(actor), current="imports")


def _upload(request: HttpRequest, actor: Actor) -> HttpResponse:
    files = [(file.name or "", file.file) for file in request.FILES.getlist("files") if file.file]
    try:
        if not rooms.imports.may_import(actor):
            raise NotFound
        with transaction.atomic():
            run_id = rooms.imports.upload(actor, files, kind=request.POST.get("kind", ""))
    except NotFound:
        raise
    except Refused as error:
        context = contexts.imports(actor, error=retell(str(error)))
        return shell.page(request, actor, "console/imports.html", context, current="imports", status=REFUSED)
    return HttpResponseRedirect(reverse("console:import", args=[run_id]))


@require_GET
@staff_only
def run(request: HttpRequest, actor: Actor, run_id: int) -> HttpResponse:
    """The page of one run; while it works, htmx asks for its body again every second."""
    context = contexts.run(actor, run_id)
    if wants_fragment(request):
        return shell.fragment(request, "console/parts/run.html", context)
    return shell.page(request, actor, "console/import.html", context, current="imports")


@require_POST
@staff_only
def start(request: HttpRequest, actor: Actor, run_id: int) -> HttpResponse:
    """Keep the mapping that was posted and go: a trial, or the import itself."""
    posted = request.POST.dict()
    try:
        with transaction.atomic():
            if "kind" in posted:
                _keep(actor, run_id, posted)
            if posted.get("act") != "rematch":
                rooms.imports.start(actor, run_id, dry_run=posted.get("act") != "import")
    except NotFound:
        raise
    except Refused as error:
        said = error.missing if isinstance(error, ProvenanceIncomplete) else ()
        context = contexts.run(
            actor,
            run_id,
            error=import_quarantine.missing(said) if said else retell(str(error)),
            posted=posted if "kind" in posted else None,
        )
        return shell.page(request, actor, "console/import.html", context, current="imports", status=REFUSED)
    return HttpResponseRedirect(reverse("console:import", args=[run_id]))


def _keep(actor: Actor, run_id: int, posted: dict[str, str]) -> None:
    """What was posted of the file; another kind of table has other fields, so its headers are read anew."""
    kind, form = contexts.told_kind(posted["kind"])
    form = form or rooms.imports.OWN
    mapping = None if posted.get("act") == "rematch" else contexts.mapping_from(actor, run_id, posted)
    name = posted.get("source_name", "").strip()
    rooms.imports.set_mapping(
        actor, run_id, mapping, kind, posted.get("mode", ""), source_name=name, form=form
    )
    if mapping is not None and posted.get("relation"):
        rooms.imports.mark_quarantine(actor, run_id, posted)
    if mapping is not None and posted.get("save"):
        headers = rooms.imports.preview(actor, run_id).headers
        name = rooms.imports.source_for(kind, form, given=name)
        rooms.imports.save_mapping(
            actor, source_name=name, kind=kind, form=form, mapping=mapping, headers=headers
        )


@require_POST
@staff_only
def tags(request: HttpRequest, actor: Actor, run_id: int) -> HttpResponse:
    """What the words in the column of tags are to become."""
    try:
        choices = import_tags.choices_from(actor, run_id, request.POST.dict())
        with transaction.atomic():
            rooms.imports.choose_tags(actor, run_id, choices)
    except NotFound:
        raise
    except Refused as error:
        context = contexts.run(actor, run_id, error=retell(str(error)))
        return shell.page(request, actor, "console/import.html", context, current="imports", status=REFUSED)
    return HttpResponseRedirect(reverse("console:import", args=[run_id]))


@require_GET
@staff_only
def problems(request: HttpRequest, actor: Actor, run_id: int) -> FileResponse:
    path = rooms.imports.problem_file(actor, run_id)
    with transaction.atomic():  # whole numbers are in it: the trace is kept before the file goes out
        record(actor, "contact.read_problems", "import_run", run_id)
    name = _("要改的行-{run}.csv").format(run=run_id)
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=name, content_type="text/csv; charset=utf-8"
    )
