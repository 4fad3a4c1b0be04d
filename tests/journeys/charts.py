"""A small chart of our own, packed in memory."""

import gzip
import io
import tarfile

CHART = """\
apiVersion: v2
name: web
version: 1.0.0
appVersion: "1.0"
"""
VALUES = """\
replicas: 1
image:
  repository: registry.example/web
  tag: "1.0.0"
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels:
      app: {{ .Release.Name }}
  template:
    metadata:
      labels:
        app: {{ .Release.Name }}
    spec:
      containers:
        - name: web
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
"""
FILES = {
    "Chart.yaml": CHART,
    "values.yaml": VALUES,
    "templates/deployment.yaml": DEPLOYMENT,
}


def packed(files: dict[str, str] | None = None, *, name: str = "web") -> bytes:
    """Return the bytes of a ``.tgz``; the same files give the same bytes."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        for path, text in (files or FILES).items():
            data = text.encode()
            member = tarfile.TarInfo(f"{name}/{path}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return gzip.compress(raw.getvalue(), mtime=0)
