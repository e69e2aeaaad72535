from __future__ import annotations

from django.urls import path
from django.views.i18n import set_language

from huoshui.web.console.views import auth, groups, imports, people, today

app_name = "console"

urlpatterns = [
    path("", today.today, name="today"),
    path("today/<slug:dimension>/", today.breakdown, name="breakdown"),
    path("people/", people.people, name="people"),
    path("people/<int:person_id>/", people.person, name="person"),
    path("people/<int:person_id>/timeline/", people.timeline, name="timeline"),
    path("people/<int:person_id>/contacts/<int:identifier_id>/", people.reveal, name="reveal"),
    path("people/<int:person_id>/sales/<int:fact_id>/", people.chain, name="chain"),
    path("behind/<slug:question>/", people.behind, name="behind"),
    path("groups/", groups.groups, name="groups"),
    path("groups/portrait/", groups.groups_portrait, name="groups-portrait"),
    path("groups/<slug:name>/", groups.groups_panel, name="groups-panel"),
    path("imports/", imports.imports, name="imports"),
    path("imports/<int:run_id>/", imports.run, name="import"),
    path("imports/<int:run_id>/start/", imports.start, name="import-start"),
    path("imports/<int:run_id>/problems.csv", imports.problems, name="import-problems"),
    path("login/", auth.Login.as_view(), name="login"),
    path("logout/", auth.Logout.as_view(), name="logout"),
    path("language/", set_language, name="language"),
]
