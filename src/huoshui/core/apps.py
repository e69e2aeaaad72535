from typing import Any

from django.apps import AppConfig
from django.db.backends.signals import connection_created

# A till's sale alone runs some fifty; psycopg's hundred would throw plans out while they are wanted
_PREPARED = 400


class CoreConfig(AppConfig):
    name = "huoshui.core"
    label = "core"

    def ready(self) -> None:
        connection_created.connect(_keep_plans, dispatch_uid="core.keep_plans")


def _keep_plans(*, connection: Any, **_: Any) -> None:
    connection.connection.prepared_max = _PREPARED
