"""Overlays of every sort, to be built together and alone.

``overlay_files(name)`` gives one by the number of its sort; every resource is called
after *name*, so that overlays of different names may share a call.
"""

CONFIG = (
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {0}, {1}}}\ndata: {{a: b}}\n"
)
WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {0}
  annotations: {{note: 'ünï: "code" # no comment', empty: ''}}
spec:
  selector: {{matchLabels: {{app: {0}}}}}
  template:
    metadata: {{labels: {{app: {0}}}}}
    spec:
      serviceAccountName: {0}-runner
      containers:
      - name: main
        image: shop:1.0  # of the base
        envFrom: [{{configMapRef: {{name: {0}-config}}}}]
        args: ["--flag", "on", "0123", ~]
        resources: {{limits: {{memory: 1e3, cpu: .5}}}}
---
apiVersion: v1
kind: Service
metadata: {{name: {0}}}
spec: {{selector: {{app: {0}}}, ports: [{{port: 80}}]}}
---
# nothing but words
---
apiVersion: v1
kind: ServiceAccount
metadata: {{name: {0}-runner}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{name: {0}}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: {0}}}
subjects:
- {{kind: ServiceAccount, name: {0}-runner}}
- {{kind: ServiceAccount, name: {0}-runner, namespace: shops}}
- {{kind: ServiceAccount, name: default}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {{name: {0}}}
rules:
- apiGroups: ['']
  resources: [configmaps]
  resourceNames: [{0}-config]
  verbs: [get]
"""
LIST = """\
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Secret
  metadata: {{name: {0}-b}}
  stringData: {{text: "a\\nb"}}
- apiVersion: v1
  kind: ConfigMap
  metadata: {{name: {0}-a}}
  data:
    script: |-
      #!/bin/sh
      ---
      metadata:
        name: {0}-none
    folded: >
      kind: Nothing

      name: x
"""
CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: {0}s.example.com}}
spec:
  group: example.com
  scope: Cluster
  names: {{kind: Thing, plural: {0}s}}
  versions:
  - {{name: v1, served: true, storage: true, schema: {{openAPIV3Schema: {{}}}}}}
---
apiVersion: example.com/v1
kind: Thing
metadata: {{name: {0}}}
spec: {{ref: {0}, anchor: &a {{x: 1}}, again: *a}}
"""
COMPONENT = """\
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
commonAnnotations: {{part: "{0}"}}
patches:
- target: {{kind: Deployment}}
  patch: |-
    apiVersion: apps/v1
    kind: Deployment
    metadata: {{name: any}}
    spec: {{replicas: 3}}
"""
PATCHED = """\
resources: [base]
components: [parts]
namespace: shops
images: [{{name: shop, newTag: "2.0"}}]
labels: [{{pairs: {{team: {0}}}, includeSelectors: true}}]
replicas: [{{name: {0}, count: 5}}]
patches:
- path: patch.yaml
- target: {{kind: Service}}
  patch: '[{{"op": "add", "path": "/spec/ports/-", "value": {{"port": 9}}}}]'
"""
PATCH = """\
apiVersion: v1
kind: Service
metadata: {{name: {0}}}
spec: {{type: NodePort}}
---
$patch: delete
apiVersion: v1
kind: ServiceAccount
metadata: {{name: {0}-runner}}
"""
GENERATED = """\
resources: [web.yaml]
namePrefix: acme-
nameSuffix: -v2
commonLabels: {{app: {0}, team: shop}}
configMapGenerator:
- name: {0}-config
  literals: [A=1, "B=two words"]
  files: [motto.txt]
  options: {{labels: {{made: "yes"}}}}
secretGenerator:
- {{name: {0}-secret, namespace: elsewhere, envs: [some.env]}}
"""
SORTS = (
    lambda name: {
        "kustomization.yaml": "resources: [web.yaml]\n",
        "web.yaml": WEB.format(name),
    },
    lambda name: {
        "kustomization.yaml": PATCHED.format(name),
        "patch.yaml": PATCH.format(name),
        "base/kustomization.yml": "resources: [web.yaml]\n",
        "base/web.yaml": WEB.format(name),
        "parts/kustomization.yaml": COMPONENT.format(name),
    },
    lambda name: {
        "kustomization.yaml": GENERATED.format(name),
        "web.yaml": WEB.format(name),
        "motto.txt": "key: [broken yaml\n",
        "some.env": "TOKEN=abc\n",
    },
    lambda name: {
        "kustomization.yaml": "resources: [list.yaml, crd.yaml]\n",
        "list.yaml": LIST.format(name),
        "crd.yaml": CRD.format(name),
    },
    # Nothing comes out.
    lambda name: {
        "kustomization.yaml": (
            "resources: [a.yaml]\npatches:\n- patch: |-\n    $patch: delete\n"
            f"    apiVersion: v1\n    kind: ConfigMap\n    metadata: {{name: {name}}}\n"
        ),
        "a.yaml": CONFIG.format(name, ""),
    },
    # The same name in everybody's files: together only by ones.
    lambda name: {
        "kustomization.yaml": "resources: [a.yaml, b.yaml]\n",
        "a.yaml": CONFIG.format("shared", ""),
        "b.yaml": CONFIG.format(name, "namespace: mall"),
    },
    # A binding to a namespace that others write and this one is put into.
    lambda name: {
        "kustomization.yaml": (
            "resources: [web.yaml]\nnamespace: mall\nnamePrefix: m-\n"
        ),
        "web.yaml": WEB.format(name).replace("namespace: shops", "namespace: mall"),
    },
    # What Kustomize obeys, and what only its caller's file decides.
    lambda name: {
        "kustomization.yaml": (
            "resources: [a.yaml, b.yaml, c.yaml]\n"
            "buildMetadata: [originAnnotations, managedByLabel]\n"
            "sortOptions: {order: fifo}\n"
        ),
        "a.yaml": CONFIG.format(name, ""),
        "b.yaml": CONFIG.format(
            f"{name}-b", "annotations: {config.kubernetes.io/local-config: 'true'}"
        ),
        "c.yaml": CONFIG.format(
            f"{name}-c", "annotations: {config.kubernetes.io/origin: mine}"
        ),
    },
    lambda name: {
        "kustomization.yaml": (
            "resources: [a.yaml]\nnamePrefix: x-\nvars:\n- name: WHO\n"
            f"  objref: {{apiVersion: v1, kind: ConfigMap, name: {name}}}\n"
            "replacements:\n"
            f"- source: {{kind: ConfigMap, name: {name}}}\n"
            "  targets: [{select: {kind: ConfigMap}, fieldPaths: [data.a]}]\n"
        ),
        "a.yaml": CONFIG.format(name, ""),
    },
    # Refers to what others may have, by their names and by those with a hash.
    lambda name: {
        "kustomization.yaml": "resources: [web.yaml]\n",
        "web.yaml": WEB.format(name)
        .replace(f"{name}-config", "w0-config")
        .replace(f"{name}-runner", "w1-runner"),
    },
    # BROKEN: it does not build.
    lambda name: {
        "kustomization.yaml": "resources: [a.yaml, b.yaml]\n",
        "a.yaml": CONFIG.format(name, ""),
        "b.yaml": CONFIG.format(name, ""),
    },
    lambda name: {
        "kustomization.yaml": "resources: [a.yaml]\npatches: [{path: p.yaml}]\n",
        "a.yaml": CONFIG.format(f"{name}.dots:and-more", "namespace: shops"),
        "p.yaml": CONFIG.format(f"{name}.dots:and-more", "namespace: shops"),
    },
)


BROKEN = 10


def overlay_files(sort, name):
    """Give the files of an overlay of a sort."""
    return SORTS[sort](name)
