"""Helm, Kustomize and manifests in limited children. Plain Python."""
