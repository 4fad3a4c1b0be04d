from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("releases", "0002_baseline_snapshot"),
    ]

    operations = [
        migrations.AddField(
            model_name="release",
            name="auto_refusal",
            field=models.CharField(blank=True, max_length=40),
        ),
    ]
