/** Where OpenTelemetry's standard environment variables send what is measured; exporters read the rest of them by themselves. */
export interface OtlpSettings {
  readonly traces: boolean
  readonly metrics: boolean
  readonly serviceName: string
  readonly exportIntervalMs: number
  /** What was asked for and is not given. */
  readonly remarks: readonly string[]
}

const supportedProtocol = 'http/protobuf'
/** Of the specification: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ */
const defaultExportIntervalMs = 60_000

/** Reads the variables. `undefined`: nothing is exported, and nothing of OpenTelemetry has to be loaded. */
export function readOtlpSettings(environment: Readonly<Record<string, string | undefined>>): OtlpSettings | undefined {
  if (environment.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return undefined
  const remarks: string[] = []
  const isOn = (signal: 'TRACES' | 'METRICS') => {
    const hasEndpoint = environment.OTEL_EXPORTER_OTLP_ENDPOINT || environment[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`]
    if (!hasEndpoint || environment[`OTEL_${signal}_EXPORTER`] === 'none') return false
    const protocol =
      environment[`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`] ||
      environment.OTEL_EXPORTER_OTLP_PROTOCOL ||
      supportedProtocol
    if (protocol === supportedProtocol) return true
    remarks.push(
      `OpenTelemetry ${signal.toLowerCase()} are not exported: ${protocol} is not supported; use ${supportedProtocol}`,
    )
    return false
  }
  const traces = isOn('TRACES')
  const metrics = isOn('METRICS')
  if (!traces && !metrics && remarks.length === 0) return undefined
  const interval = Number(environment.OTEL_METRIC_EXPORT_INTERVAL)
  return {
    traces,
    metrics,
    serviceName: environment.OTEL_SERVICE_NAME || 'eds',
    exportIntervalMs: interval > 0 ? interval : defaultExportIntervalMs,
    remarks,
  }
}
