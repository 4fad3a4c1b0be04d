{{- define "kit.labels" -}}
part-of: {{ .Release.Name }}
chart: {{ .Chart.Name }}
{{- end }}
