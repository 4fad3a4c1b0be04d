"""The files beside a rendering, read as clusters read them."""

import json
from dataclasses import replace

import pytest
import yaml

from delivery.git import trees
from delivery.git.bookkeeping import (
    DeployedRelease,
    DeployedTarget,
    argocd_application,
    bookkeeping_files,
    flux_objects,
    record,
)

TARGET = DeployedTarget(
    project="shop",
    tenant="acme",
    environment="production",
    namespace="acme-production",
    repository_url="https://hq.example.com/git/shop.git",
)
RELEASE = DeployedRelease(
    name="R-42",
    source_commit="1" * 40,
    digest="2" * 64,
    audit_sequence=7,
    audit_hash="3" * 64,
)
AWKWARD = [
    "yes", "1e3", "012", "null", "~", "on", "true", "1.0", "=", "<<", "*a", "&a",
    "!!int 1", "a: b", "a #b", "- a", "'", '"', "\\", "\n", "a\r\nb: c", "---", "...",
    "\u2028", "\x85", "\U0001f680", "{{x}}", "%TAG", "@a", "`a", "", " ",
]  # fmt: skip


def test_the_files_stand_outside_the_rendering() -> None:
    files = bookkeeping_files(TARGET, RELEASE)

    assert set(files) == {
        ".gitopshq/acme/production.json",
        ".argocd/acme/production.yaml",
        ".flux/acme/production.yaml",
    }
    tree, _ = trees.write_tree(files)
    assert len(tree) == 40


def test_the_record_names_release_source_digest_and_audit() -> None:
    assert json.loads(record(TARGET, RELEASE)) == {
        "project": "shop",
        "tenant": "acme",
        "environment": "production",
        "release": "R-42",
        "sourceCommit": "1" * 40,
        "digest": "2" * 64,
        "audit": {"sequence": 7, "hash": "3" * 64},
    }


def test_argo_cd_follows_the_folder_with_its_units() -> None:
    """S70: the Application a cluster applies as it stands."""
    application = yaml.safe_load(argocd_application(TARGET))

    assert application["apiVersion"] == "argoproj.io/v1alpha1"
    assert application["kind"] == "Application"
    assert application["metadata"]["name"] == "shop.acme.production"
    assert application["metadata"]["annotations"] == {
        "argocd.argoproj.io/manifest-generate-paths": "."
    }
    assert application["spec"]["source"] == {
        "repoURL": "https://hq.example.com/git/shop.git",
        "targetRevision": "main",
        "path": "acme/production",
        "directory": {"recurse": True},
    }
    assert application["spec"]["destination"] == {
        "server": "https://kubernetes.default.svc",
        "namespace": "acme-production",
    }


def test_a_named_cluster_is_the_destination() -> None:
    application = yaml.safe_load(argocd_application(replace(TARGET, cluster="west")))

    assert application["spec"]["destination"] == {
        "name": "west",
        "namespace": "acme-production",
    }


def test_flux_follows_the_folder() -> None:
    """S70: the GitRepository and the Kustomization a cluster applies."""
    repository, kustomization = yaml.safe_load_all(flux_objects(TARGET))

    assert repository["apiVersion"] == "source.toolkit.fluxcd.io/v1"
    assert repository["kind"] == "GitRepository"
    assert repository["spec"]["url"] == "https://hq.example.com/git/shop.git"
    assert repository["spec"]["ref"] == {"branch": "main"}
    assert kustomization["apiVersion"] == "kustomize.toolkit.fluxcd.io/v1"
    assert kustomization["kind"] == "Kustomization"
    assert kustomization["spec"]["path"] == "./acme/production"
    assert kustomization["spec"]["sourceRef"] == {
        "kind": "GitRepository",
        "name": repository["metadata"]["name"],
    }
    assert kustomization["spec"]["targetNamespace"] == "acme-production"


def test_flux_moves_no_resource_out_of_its_namespace() -> None:
    spread = replace(TARGET, namespaces=frozenset({"acme-production", "monitoring"}))

    _, kustomization = yaml.safe_load_all(flux_objects(spread))

    assert "targetNamespace" not in kustomization["spec"]


@pytest.mark.parametrize("text", AWKWARD)
def test_a_value_is_read_back_as_the_text_it_is(text: str) -> None:
    target = replace(TARGET, namespace=text, cluster=text or "x", repository_url=text)

    application = yaml.safe_load(argocd_application(target))
    repository, kustomization = yaml.safe_load_all(flux_objects(target))

    assert application["spec"]["destination"]["namespace"] == text
    assert application["spec"]["source"]["repoURL"] == text
    assert repository["spec"]["url"] == text
    assert kustomization["spec"]["targetNamespace"] == text
    assert application["spec"].keys() == {"project", "source", "destination"}
