"""Checking a whole bundle: that its parts are sound, and that they say the same.

What a reader learns: which content was voted on, that the commit holds exactly that
content, and that the trail tells the same story. Whether the key is the right one
only its owner can say.
"""

import json
from typing import Any, Final

from releases.proof.objects import ObjectsInHand
from releases.proof.reading import Bundle, Refused, digest_of, read
from releases.proof.trail import Trail

TEN_FIELDS: Final = (
    *("title", "projectEnvironment", "requester", "approvers", "executor"),
    *("riskSummary", "diffSummary", "runtimeVerificationSummary", "fallbackPlan"),
    "postReleaseFollowUpTasks",
)

_BIRTH: Final = "release.created"
_LONGEST: Final = 200


def check(data: bytes, *, key: str | None = None) -> list[str]:
    """Return what was checked, a line each. *key*: the only one that may have signed.

    :raises Refused: with the first thing that is wrong
    """
    try:
        bundle = read(data, key=key)
        return [
            f"signature: ed25519 over all sections, key {bundle.key}",
            _evidence(bundle),
            *_content(bundle),
            *_votes(bundle),
            *_git(bundle),
            *_trail(bundle),
            _verdict(bundle, is_known=key is not None),
        ]
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise Refused(f"the bundle: it is malformed ({error})") from error


def _evidence(bundle: Bundle) -> str:
    document = bundle.evidence
    for name in TEN_FIELDS:
        if name not in document:
            raise Refused(f"evidence: the field {name} is missing")
    facts = document["facts"]
    place = "/".join(facts[part] for part in ("project", "tenant", "environment"))
    _same("evidence: projectEnvironment", document["projectEnvironment"], place)
    digest = bundle.digests["evidence"]
    closed = f"closed by {document['closedBy']}" if document["closed"] else "still open"
    return f"evidence: {facts['release']} of {place}, {closed}, sha256 {digest}"


def _content(bundle: Bundle) -> list[str]:
    content, facts = bundle.content, bundle.evidence["facts"]
    if content is None:
        _same("content: none, and the release digest", facts["releaseDigest"], None)
        return ["content: nothing was rendered"]
    _same("content: its digest", digest_of(content), facts["releaseDigest"])
    changes = sorted([row["id"], row["revision"]] for row in facts["changes"])
    _same("content: the changes", content["changes"], changes)
    _same("content: the title", content["title"], bundle.evidence["title"])
    _same("content: the tree", content["tree"], facts["tree"])
    _same("content: the base", content["base"], facts["baseRelease"])
    _same(
        "content: the policy snapshot",
        content["policySnapshot"],
        facts["policySnapshotJson"],
    )
    return [
        f"content: {len(changes)} changes and tree {content['tree']} "
        f"are release digest {facts['releaseDigest']}"
    ]


def _votes(bundle: Bundle) -> list[str]:
    document, facts = bundle.evidence, bundle.evidence["facts"]
    if facts["commit"] is None:
        return []
    approval = facts["approval"]
    counted = [vote for vote in approval["votes"] if vote["counted"]]
    names = [vote["approver"] for vote in counted]
    _same("votes: the approvers", sorted(document["approvers"]), sorted(set(names)))
    for vote in counted:
        place = f"votes: that of {vote['approver']}"
        _same(f"{place}, the verdict", vote["verdict"], "approve")
        _same(f"{place}, the digest", vote["digest"], facts["releaseDigest"])
        gone = [vote["withdrawnAt"], vote["voidedAt"]]
        _same(f"{place}, its end", gone, [None, None])
    if len(names) < approval["required"]:
        raise Refused(f"votes: {len(names)} of {approval['required']}")
    policy = approval["policyAtCut"]
    if policy and policy["block_self_approval"] and document["requester"] in names:
        raise Refused("votes: the requester voted")
    said = ", ".join(names) or "nobody was asked"
    return [f"votes: {len(names)} of {approval['required']}, on that digest: {said}"]


def _git(bundle: Bundle) -> list[str]:
    facts = bundle.evidence["facts"]
    if facts["commit"] is None:
        _same("git: without a commit", bundle.git, None)
        return ["git: nothing was committed"]
    if bundle.git is None:
        raise Refused("git: the commit is missing")
    hand = ObjectsInHand(bundle.git)
    folder = f"{facts['tenant']}/{facts['environment']}"
    _same("git: the commit", hand.commit_id, facts["commit"]["sha"])
    _same(f"git: the tree at {folder}", hand.folder_at(folder), facts["tree"])
    record = _record(hand, facts)
    for name, fact in (
        *(("project", "project"), ("tenant", "tenant")),
        *(("environment", "environment"), ("release", "release")),
        *(("digest", "releaseDigest"), ("sourceCommit", "baselineSourceSha")),
    ):
        _same(f"git: the committed record's {name}", record[name], facts[fact])
    return [f"git: commit {hand.commit_id} holds tree {facts['tree']} at {folder}"]


def _trail(bundle: Bundle) -> list[str]:
    document, facts = bundle.evidence, bundle.evidence["facts"]
    trail = Trail(bundle.audit, project=facts["project"])
    kind, _, label = trail.first["object"]
    event = trail.first["event"]
    _same("audit: the first entry", [kind, event], ["releases.release", _BIRTH])
    if not label.startswith(f"{facts['release']} "):
        raise Refused("audit: the first entry is about another release")
    _check_votes(trail, document, facts)
    _check_deploy(trail, document, facts)
    _check_closing(trail, document, bundle.digests["evidence"])
    lines = [
        f"audit: {len(trail)} entries, #{trail.first['sequence']} to "
        f"#{trail.last['sequence']} of {facts['project']}, each on the one before"
    ]
    if bundle.git is not None:
        anchor = _record(ObjectsInHand(bundle.git), facts)["audit"]
        _same(
            "audit: the head in the commit",
            trail.hash_at(anchor["sequence"]),
            anchor["hash"],
        )
        lines.append(f"audit: the commit names #{anchor['sequence']} by its hash")
    return lines


def _check_votes(trail: Trail, document: dict[str, Any], facts: dict[str, Any]) -> None:
    digests = _digests_of_votes(trail, facts["releaseDigest"])
    given = {
        entry["actor"][1]
        for entry in trail.entries("approval.voted")
        if entry["data"].get("digest") in digests
    }
    for name in document["approvers"]:
        if name not in given:
            raise Refused(f"audit: no entry tells the vote of {name}")


def _digests_of_votes(trail: Trail, digest: str) -> set[str]:
    """Return the digests that votes for *digest* were given for.

    More than one where a refresh changed but the base: votes then went along.
    """
    found = {digest}
    for entry in reversed(list(trail.entries("approval.votes_carried"))):
        if entry["data"]["new"] in found:
            found.add(entry["data"]["old"])
    return found


def _check_deploy(
    trail: Trail, document: dict[str, Any], facts: dict[str, Any]
) -> None:
    created = trail.first["actor"][1]
    _same("audit: who created it", created, document["requester"])
    sent = trail.only_last("release.deploy_requested", "release.retry_requested")
    executor = sent["actor"][1] if sent else None
    _same("audit: who sent it off", executor, document["executor"])
    if facts["commit"] is None:
        return
    deployed = trail.only_last("release.deployed")
    if deployed is None:
        raise Refused("audit: no entry tells the deploy")
    expected = {
        "commit": facts["commit"]["sha"],
        "tree": facts["tree"],
        "digest": facts["releaseDigest"],
    }
    told = {name: deployed["data"][name] for name in expected}
    _same("audit: what was deployed", told, expected)


def _check_closing(trail: Trail, document: dict[str, Any], digest: str) -> None:
    verified = trail.only_last("evidence.verified")
    if document["verifier"] is not None:
        by = verified["actor"][1] if verified else None
        _same("audit: who verified it", by, document["verifier"])
    closed = trail.only_last("evidence.closed")
    _same("audit: that it was closed", closed is not None, document["closed"])
    if closed is not None:
        _same("audit: who closed it", closed["actor"][1], document["closedBy"])
        _same("audit: the evidence closed then", closed["data"]["digest"], digest)


def _verdict(bundle: Bundle, *, is_known: bool) -> str:
    name = bundle.evidence["facts"]["release"]
    if is_known:
        return f"verdict: genuine, {name} is as the holder of that key has signed it"
    return (
        f"verdict: sound, {name} is as it was signed; whose key that is was not "
        "checked: name the installation's own with --key"
    )


def _record(hand: ObjectsInHand, facts: dict[str, Any]) -> dict[str, Any]:
    path = f".gitopshq/{facts['tenant']}/{facts['environment']}.json"
    record: dict[str, Any] = json.loads(hand.file_at(path))
    return record


def _same(what: str, found: object, expected: object) -> None:
    """Refuse two sources that tell *what* differently."""
    if found != expected or type(found) is not type(expected):
        raise Refused(f"{what}: {_short(found)}, but should be {_short(expected)}")


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
