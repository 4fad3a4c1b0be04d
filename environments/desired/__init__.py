"""The pure core: states, changes, placeholders. No Django, no database, no clock."""
