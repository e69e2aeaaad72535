from typing import Any

from django.db import migrations

from huoshui.web.api.covering import cover_claims


def cover(apps: Any, schema_editor: Any) -> None:
    cover_claims()


class Migration(migrations.Migration):
    dependencies = [("api", "0001_keys"), ("core", "0012_replaced")]
    operations = [migrations.RunPython(cover, migrations.RunPython.noop)]
