"""The browser of the hosted repository: Git knows no rights inside one (domain 10)."""

from tests.permissions.rows import Sees, look, page

REPOSITORY = "projects/shop/repository"
FILE = "acme/prod/note.yaml"

ACTIONS = [
    look(
        "browse the repository",
        Sees.WHOLE,
        page(f"GET {REPOSITORY}"),
        page(f"GET {REPOSITORY}/connect"),
        page(f"POST {REPOSITORY}/connect/test", {"token": "gohq_none"}),
        page(f"GET {REPOSITORY}/tree/main"),
        page(f"GET {REPOSITORY}/tree/main/{FILE}"),
        page(f"GET {REPOSITORY}/raw/main/{FILE}"),
        page(f"GET {REPOSITORY}/commits/main"),
        page(f"GET {REPOSITORY}/commits/main/{FILE}"),
        page(f"GET {REPOSITORY}/commit/{{commit}}"),
    ),
]
