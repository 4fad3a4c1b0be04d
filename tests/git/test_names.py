import pytest

from delivery.git.names import MAX_DEPTH, BadPath, split_path

BAD = [
    "", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "./a",
    ".git", ".GIT", ".Git/config", "a/.git/hooks/x", ".gitmodules", ".gitattributes",
    ".gitignore", ".GITKEEP", ".GitOpsHQ/x", ".g\u0131thub/x\u200d",
    ".g\u200cit", "\u2060.git", "\ufeffa", "git~1", "GIT~1/config", "gi7eba~1",
    "a~1.yam", ".git ", ".git.", ".git::$INDEX_ALLOCATION", "a.", "a ", "a:b",
    "a\\b", "..\\a", "a*", "a?", 'a"', "a<b", "a|b", "con", "NUL", "aux.yaml",
    "com1", "LPT9.txt", "a\nb", "a\tb", "a\x00b", "a\x7f", "a\x85b", "a\u2028b",
    "a\u202eb", "a\udc80", "x" * 256, "\u00e9" * 128, "/".join("a" * (MAX_DEPTH + 1)),
    "/".join(["x" * 250] * 20),
]  # fmt: skip
GOOD = [
    "a", "acme/production/api/deployment-api.yaml", ".gitkeep", "a/.gitkeep",
    ".gitopshq/acme/production.json", ".argocd/a/b.yaml", ".flux/a/b.yaml",
    "values.tenant.acme.yaml", "consul.yaml", "com", "com10", "a~b", "backup~",
    "very-long-name~1.yaml", "\u00fcber.yaml", "\u65e5\u672c", "...a", "a b", "-a",
    "x" * 255, "git", "digit~", "auxiliary",
]  # fmt: skip


@pytest.mark.parametrize("path", BAD)
def test_a_path_that_is_unsafe_somewhere_is_refused(path: str) -> None:
    with pytest.raises(BadPath):
        split_path(path)


@pytest.mark.parametrize("path", GOOD)
def test_an_ordinary_path_is_split_into_its_names(path: str) -> None:
    assert "/".join(split_path(path)) == path
