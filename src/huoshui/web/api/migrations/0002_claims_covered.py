from typing import Any

from django.db import migrations

from huoshui.core import sql
from huoshui.web.api.covering import cover_claims


def cover(apps: Any, schema_editor: Any) -> None:
    with sql.on(schema_editor.connection.alias):
        cover_claims()


class Migration(migrations.Migration):
    dependencies = [("api", "0001_keys"), ("core", "0012_replaced")]
    operations = [migrations.RunPython(cover, migrations.RunPython.noop)]
