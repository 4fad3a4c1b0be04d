import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [
        migrations.AddField(
            "apitoken",
            "parent",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="children",
                to="core.apitoken",
            ),
        ),
        migrations.RemoveField("idempotencyrecord", "body"),
        migrations.AddField(
            "idempotencyrecord",
            "body",
            models.TextField(blank=True, default=""),
            preserve_default=False,
        ),
    ]
