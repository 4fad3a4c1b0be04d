{{- define "storefront.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}
{{- define "storefront.image" -}}
{{- $repository := required "image.repository must be set" .Values.image.repository -}}
{{ $repository }}:{{ .Values.image.tag }}
{{- end }}
