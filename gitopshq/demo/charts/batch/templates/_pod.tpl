{{- define "batch.pod" -}}
restartPolicy: Never
securityContext:
  {{- include "common.podSecurity" .root | nindent 2 }}
containers:
  - name: {{ .root.Chart.Name }}
    image: {{ include "common.image" .root.Values.image | quote }}
    args:
      {{- toYaml .args | nindent 6 }}
    env:
      {{- include "common.env" .root.Values.env | nindent 6 }}
    resources:
      {{- toYaml .root.Values.resources | nindent 6 }}
    securityContext:
      {{- include "common.containerSecurity" .root | nindent 6 }}
{{- end }}
