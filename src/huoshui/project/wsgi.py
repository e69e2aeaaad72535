"""The web application. `huoshui serve` boots the database first; another WSGI server may import this alone."""

from __future__ import annotations

from huoshui.project import boot

boot.boot("web")
boot.keep_database_up()

import pyarrow as pa  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402  (Django must be configured before)

from huoshui.core import gather  # noqa: E402
from huoshui.intake.tracking.api import settler  # noqa: E402

# The first array of a process looks for pandas, which takes a second: not while the first customer waits
pa.array([0])

application = get_wsgi_application()

# Two cores have no more to do at once; the others wait for the disk, or for a row that somebody holds
gather.hire(4)
settler.start()
