from django.db import migrations, models


def forget_units(apps, schema_editor):
    """Units are a cache, and its rows had another shape."""
    apps.get_model("delivery", "RenderedUnit").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("delivery", "0002_initial")]

    operations = [
        migrations.RunPython(forget_units, migrations.RunPython.noop),
        migrations.RemoveField(model_name="renderedunit", name="used_at"),
        migrations.AddField(
            model_name="renderedunit",
            name="tree",
            field=models.CharField(default="", max_length=40),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="rendering",
            name="conditions",
            field=models.JSONField(default=dict),
        ),
    ]
