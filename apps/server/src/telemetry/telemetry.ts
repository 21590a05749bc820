import type { LaneStatus, Logger, PipelineMetrics } from '@eds/core'
import { readOtlpSettings } from './otlp-settings.js'

/** What is exported by OTLP besides what Prometheus reads. */
export interface Telemetry {
  /** To be handed to the pipeline. */
  readonly pipeline: PipelineMetrics
  /** Sends what is left, for a few seconds at most. Never rejects. */
  close(): Promise<void>
}

export interface TelemetryOptions {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly version: string
  /** Asked when the figures are exported. */
  readonly statuses: () => readonly LaneStatus[]
  readonly now: () => number
  readonly logger: Logger
}

/** Exports traces and metrics where OpenTelemetry's environment variables say so; else resolves to `undefined` and loads nothing. */
export async function openTelemetry(options: TelemetryOptions): Promise<Telemetry | undefined> {
  const settings = readOtlpSettings(options.environment)
  if (settings === undefined) return undefined
  for (const remark of settings.remarks) options.logger.warn({}, remark)
  if (!settings.traces && !settings.metrics) return undefined
  const { exportByOtlp } = await import('./export-by-otlp.js')
  return exportByOtlp(settings, options)
}
