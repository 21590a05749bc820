{{- define "eds.name" -}}
{{- if contains "eds" .Release.Name }}{{ .Release.Name | trunc 52 | trimSuffix "-" }}{{ else }}{{ printf "%s-eds" .Release.Name | trunc 52 | trimSuffix "-" }}{{ end }}
{{- end }}
{{- define "eds.selector" -}}
app.kubernetes.io/name: eds
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
{{- define "eds.labels" -}}
{{ include "eds.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}
