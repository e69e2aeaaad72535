"""The web application. `huoshui serve` boots the database first; another WSGI server may import this alone."""

from __future__ import annotations

from huoshui.project import boot

boot.boot("web")
boot.keep_database_up()

from django.core.wsgi import get_wsgi_application  # noqa: E402  (Django must be configured before)

application = get_wsgi_application()
