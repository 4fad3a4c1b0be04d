"""Charts with everything that could part two Helm engines, and values for each."""

from dataclasses import dataclass

from tests.rendering.charts import chart, packed


@dataclass(frozen=True)
class Alike:
    chart: bytes
    values: tuple[tuple[str, ...], ...] = ((),)


def config(name, body="x: z"):
    return (
        f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  {body}\n"
    )


def hook(kind, name, events, weight="0"):
    return (
        f"apiVersion: v1\nkind: {kind}\nmetadata:\n  name: {name}\n  annotations:\n"
        f'    helm.sh/hook-weight: "{weight}"\n    "helm.sh/hook": {events}\n'
        "    helm.sh/hook-delete-policy: before-hook-creation\n"
    )


def about(name, more=""):
    return f"apiVersion: v2\nname: {name}\nversion: 1.0.0\n{more}"


CRD = (
    "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
    "metadata: {name: %s.example.com}\nspec: {enum: [=, '---']}"
)

HOOKS = chart(
    {
        "values.yaml": "annotations: {}\nevents: pre-install,post-upgrade\n",
        "templates/NOTES.txt": "helm.sh/hook: not a hook\n",
        "templates/a.yaml": "---\n".join(
            [
                hook("Job", "first", "{{ .Values.events }}", "5"),
                config("plain-a"),
                hook("ServiceAccount", "second", "pre-install", "-5"),
                hook("Zebra", "unknown-kind", "post-delete"),
                hook("Ant", "unknown-kind", "pre-rollback"),
                hook("ConfigMap", "tested", "test"),
                hook("ConfigMap", "tested-too", "'pre-install, test-success'"),
                hook("ConfigMap", "no-event", "crd-install"),
                hook("ConfigMap", "half", "pre-install,when-idle"),
                hook("ConfigMap", "loud", "' Pre-Install ,POST-INSTALL'"),
            ]
        ),
        "templates/b.yaml": "{{- range tuple 1 2 3 }}\n---\n"
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: from-values-{{ . }}\n"
        "{{- with $.Values.annotations }}\n  annotations: {{ toJson . }}\n{{- end }}\n"
        "{{- end }}\n",
        "templates/c.yaml": '{"apiVersion": "v1", "kind": "Job", "metadata": '
        '{"name": "json", "annotations": {"helm.sh/hook": "post-install"}}}\n',
        "templates/empty.yaml": "{{- if .Values.never }}\nhelm.sh/hook: x\n{{- end }}",
        "charts/sub/Chart.yaml": about("sub"),
        "charts/sub/templates/h.yaml": hook("Job", "of-sub", "pre-delete")
        + "\n---\n"
        + config("of-sub"),
    },
    name="hooks",
)

FAMILY = chart(
    {
        "Chart.yaml": about(
            "family",
            "dependencies:\n"
            "  - {name: child, version: 1.x.x, condition: first.enabled, alias: first,"
            " tags: [all]}\n"
            "  - {name: child, version: '>=0.1.0', alias: second, tags: [all, late],"
            " import-values: [data, {child: deep, parent: taken.deep}]}\n"
            "  - {name: kit, version: '*'}\n",
        ),
        "values.yaml": "global: {site: main, deep: {a: 1}}\n"
        "first: {enabled: true, colour: red, list: [1]}\nsecond: {colour: null}\n"
        "taken: {own: 1}\n",
        "templates/all.yaml": config(
            "family-{{ .Release.Name }}",
            "values: {{ .Values | toJson | quote }}\n  namespace:"
            " {{ .Release.Namespace }}\n  chart: {{ .Chart.Name }}-{{ .Chart.Version }}"
            "\n  deps: {{ .Chart.Dependencies | toJson | quote }}",
        ),
        "charts/child/Chart.yaml": about(
            "child",
            "appVersion: '1.10'\ndependencies:\n"
            "  - {name: grand, version: 1.0.0, condition: grand.enabled}\n",
        ),
        "charts/child/values.yaml": "colour: blue\nsize: 3\ngrand: {enabled: false}\n"
        "list: [9, 8]\nexports: {data: {exported: {x: 1.50}}}\ndeep: {y: [1, {z: 2}]}\n"
        "nothing: null\n",
        "charts/child/templates/c.yaml": "{{ include `kit.config` . }}",
        "charts/child/crds/c.yaml": CRD % "children",
        "charts/child/charts/grand/Chart.yaml": about("grand"),
        "charts/child/charts/grand/values.yaml": "g: 1\nglobal: {deep: {a: 2, b: 3}}\n",
        "charts/child/charts/grand/templates/g.yaml": config(
            "grand-{{ .Values.g }}", "global: {{ .Values.global | toJson | quote }}"
        ),
        "charts/child/charts/grand/crds/g.json": '{"kind": "CustomResourceDefinition"}',
        "charts/kit/Chart.yaml": about("kit", "type: library\n"),
        "charts/kit/templates/_kit.tpl": "{{ define `kit.config` }}"
        + config(
            "{{ .Chart.Name }}-{{ .Values.colour }}",
            "v: {{ omit .Values `global` | toJson | quote }}",
        )
        + "{{ end }}",
        "charts/extra/Chart.yaml": about("extra"),
        "charts/extra/templates/e.yaml": config("extra-{{ .Values.on | default 1 }}"),
        "crds/own.yaml": (CRD % "families").replace("\n", "\r\n"),
        "crds/two.yaml": f"---\n{CRD % 'ones'}\n---\n# no\n---\n{CRD % 'twos'}\n\n",
        "crds/README.md": "no CRD",
    }
)

TEXTS = chart(
    {
        "values.yaml": "text: |\n  one\n  ---\n  two\nlong: " + "word " * 4000 + "\n",
        "templates/crlf.yaml": config("crlf", "a: b\n---\n# gone").replace(
            "\n", "\r\n"
        ),
        "templates/comment.yaml": "# only words {{ .Release.Name }}\n---\n# more\n",
        "templates/blank.yaml": " \n\t\n{{ if false }}x{{ end }}\n",
        "templates/dashes.yaml": config(
            "dashes", 'a: "---"\n  b: |\n    ---\n    ------'
        )
        + "\n  \n---   \n\n---\n"
        + config("after")
        + "---# glued\n"
        + config("glued")
        + "---\n\n\n",
        "templates/values.yaml": config(
            "text",
            "t: {{ .Values.text | toYaml | nindent 4 }}\n  l: {{ .Values.long }}\n"
            "  n: {{ .Values.none }}{{ .Values.a.b }}|{{ index .Values `nil` }}",
        ).replace(".Values.a.b", "(.Values.a | default dict).b"),
        "templates/odd.yml": config(
            "odd", "u: 'ёжик \U0001f980 \u2028 \x85 é'\n  t: \"tab\\there\""
        )
        + "\n\n \n",
        "templates/deep/er/x.txt": config("from-txt"),
        "templates/_hidden.yaml": "{{ define `hidden` }}h: {{ .it }}{{ end }}nothing",
        "templates/scope.yaml": config(
            "scope",
            "{{ include `hidden` (dict `it` 1) }}\n  {{- $_ := set .Values `seen` 1 }}",
        ),
        "templates/tail.yaml": config("tail", "seen: {{ .Values.seen }}  \n\n\n"),
        "templates/sum.yaml": config(
            "sum",
            "sum: {{ include (print $.Template.BasePath `/scope.yaml`) . | sha256sum }}"
            "\n  at: {{ .Template.Name }}",
        ),
    },
    name="texts",
)

NUMBERS = chart(
    {
        "values.yaml": "given: {a: 1, b: {c: 2}}\nkept: {a: [1]}\n",
        "templates/n.yaml": config(
            "numbers",
            "{{- range $key, $value := .Values.n }}\n"
            "  {{ $key }}: {{ printf `%v|%T` $value $value | quote }}\n"
            "  {{ $key }}-plain: {{ $value }}\n"
            "  {{ $key }}-json: {{ toJson $value | quote }}\n"
            "  {{ $key }}-yaml: |-\n{{ toYaml $value | indent 4 }}\n"
            "  {{ $key }}-int: {{ int64 $value | quote }}\n  {{- end }}",
        ),
        "templates/g.yaml": config(
            "given",
            "given: {{ .Values.given | toJson | quote }}\n"
            "  kept: {{ .Values.kept | toJson | quote }}\n"
            "  has: {{ hasKey .Values `given` }}{{ kindOf .Values.none }}",
        ),
    },
    name="numbers",
)

TOOLS = chart(
    {
        "values.yaml": "greeting: 'Hi {{ .Values.name }}'\nname: you\n",
        "files/a.txt": "one {{ .Release.Name }}\ntwo",
        "files/b.bin": bytes(range(256)),
        "files/ü.txt": "ü\r\n",
        "templates/f.yaml": config(
            "files",
            "a: {{ tpl (.Files.Get `files/a.txt`) $ | quote }}\n"
            "  b: {{ .Files.GetBytes `files/b.bin` | toString | b64enc }}\n"
            "{{ (.Files.Glob `files/*.txt`).AsConfig | indent 2 }}\n"
            "{{ (.Files.Glob `**`).AsSecrets | indent 2 }}\n"
            "  l: {{ .Files.Lines `files/a.txt` | toJson | quote }}",
        ),
        "templates/t.yaml": config(
            "tools",
            "greet: {{ tpl .Values.greeting . }}\n"
            "  look: {{ lookup `v1` `Secret` `ns` `x` | toJson | quote }}\n"
            "  host: {{ getHostByName `localhost` | quote }}\n"
            "  date: {{ (toDate `2006-01-02` `2024-07-01`).String | quote }}\n"
            "  install: {{ .Release.IsInstall }}{{ .Release.IsUpgrade }}"
            "{{ .Release.Revision }}{{ .Release.Service }}\n"
            "  semver: {{ semverCompare `>=1.2-0` `1.3.0` }}\n"
            "  title: {{ title `straße und élan` }}{{ camelcase `a_b` }}\n"
            "  round: {{ round 2.345 2 }} {{ divf 1 3 }} {{ mulf 1e9 1e9 }}\n"
            "  toml: {{ dict `a` 1.5 `b` (list 1 2) | toToml | quote }}",
        ),
    },
    name="tools",
)

SWITCHES = tuple(
    (
        f"first: {{enabled: {first}, colour: {colour}}}\n"
        f"tags: {{all: {every}, late: {late}}}\n",
        f"second: {{grand: {{enabled: {grand}, g: {n}}}, size: null, list: null}}\n"
        f"global: {{site: null, deep: {{c: {n}}}}}\nextra: {{on: {n}}}\n",
    )
    for n, (first, colour, every, late, grand) in enumerate(
        [
            ("true", "green", "true", "false", "true"),
            ("false", "green", "true", "true", "false"),
            ("false", "null", "false", "false", "true"),
            ("true", "'0x10'", "false", "true", "true"),
            ("null", "1e3", "null", "null", "false"),
        ]
    )
)

CASES = {
    "hooks": Alike(
        HOOKS,
        (
            (),
            ("events: test\n",),
            ("annotations: {helm.sh/hook: post-install}\n",),
            ("annotations: {a: b}\nevents: nothing\nsub: {x: 1}\n",),
        ),
    ),
    "family": Alike(FAMILY, ((), *SWITCHES)),
    "texts": Alike(TEXTS, ((), ("text: \"a\\r\\nb\\u00e9\"\nlong: ' '\n", "# none\n"))),
    "numbers": Alike(
        NUMBERS,
        (
            (
                "n: {a: 12345678901234567890, b: 1.0, c: 1e3, d: 0.1, e: 1e21,"
                " f: -1, g: 0o17, h: 017, i: 0x1F, j: 123456789, k: 1234567.5}\n",
            ),
            ("n: {a: '1', b: yes, c: on, d: ~, e: 1_000, f: 2024-01-02, g: .5}\n",),
            (
                "---\nn: {a: [1, [2, {b: 3.50}]], b: {}, c: [], d: '', e: +1,"
                " f: 9007199254740993, g: 1e-7, h: 0.30000000000000004}\n",
                "given: {b: null}\nkept: null\n",
                "given: {b: {d: 1}, e: null}\nkept: {a: [2], b: 1}\n",
            ),
            ("x: &x {a: 1, b: [*y]}\n".replace("*y", "2") + "n: {<<: *x, c: 3}\n",),
            ("# nothing but words\n", "given: null\n"),
        ),
    ),
    "tools": Alike(
        TOOLS,
        ((), ("greeting: '{{ upper .Values.name }}{{ .Chart.Name }}'\nname: ÿ\n",)),
    ),
    "storefront": Alike(
        packed("storefront"),
        ((), ("replicas: 3\nbanner: |\n  a\n  ---\n  b\nresources: null\n",)),
    ),
    "suite": Alike(
        packed("suite"),
        (
            (),
            ("tags: {observability: true}\njobs: {enabled: true, workers: 7}\n",),
            ("cache: {enabled: false}\n",),
        ),
    ),
    "letters": Alike(packed("letters"), (("greeting: 'Hi {{ .Values.name }}'\n",),)),
}
