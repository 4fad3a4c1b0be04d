{{/* The image as one reference; a digest wins over a tag. */}}
{{- define "common.image" -}}
{{- $name := printf "%s/%s" .registry .repository -}}
{{- if .digest -}}
{{ printf "%s@%s" $name .digest }}
{{- else -}}
{{ printf "%s:%s" $name .tag }}
{{- end -}}
{{- end }}

{{/* Environment variables from a map, sorted by name. */}}
{{- define "common.env" -}}
{{- range $name, $value := . }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}

{{/* What every pod of the shop may do: as little as possible. */}}
{{- define "common.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "common.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}
