"""The web application. `huoshui serve` boots the database first; another WSGI server may import this alone."""

from __future__ import annotations

import gc

from huoshui.project import boot

boot.boot("web")
boot.keep_database_up()

import pyarrow as pa  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402  (Django must be configured before)
from django.urls import get_resolver  # noqa: E402

from huoshui.core import hands  # noqa: E402

application = get_wsgi_application()

# Whatever is made once is made now, not while the first customer waits: addresses with the modules of their pages, and the
# first array, for which pyarrow spends a second looking for pandas
_ = get_resolver().url_patterns
pa.array([0])

# Mostly one works; the others are there for when some wait for the disk, or for a row that somebody holds
hands.hire(8)

# What is here now stays. Looking through all of it for garbage would stop every till for a tenth of a second.
gc.collect()
gc.freeze()
gc.set_threshold(5_000, 20, 20)
