from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("staff", "0004_signin")]
    operations = [migrations.AddField("staff", "joined_on", models.DateField(null=True))]
