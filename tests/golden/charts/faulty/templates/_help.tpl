{{- define "faulty.deep" -}}
{{ .Values.missing.deep.value }}
{{- end }}
{{- define "faulty.loop" -}}
{{- include "faulty.loop" . -}}
{{- end }}
