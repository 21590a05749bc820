import { setTimeout as sleep } from 'node:timers/promises'
import { DiagLogLevel, diag } from '@opentelemetry/api'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { detectResources, envDetector, hostDetector, resourceFromAttributes } from '@opentelemetry/resources'
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { combineMetrics } from './combine-metrics.js'
import { measureBatches } from './measure-batches.js'
import type { OtlpSettings } from './otlp-settings.js'
import type { Telemetry, TelemetryOptions } from './telemetry.js'
import { traceBatches } from './trace-batches.js'

/** A collector that is down must not keep a server from ending. */
const closeMs = 3_000

/** Begins to export. Endpoints, headers, samplers, queues and time limits are those of the environment, read by the exporters. */
export function exportByOtlp(settings: OtlpSettings, options: TelemetryOptions): Telemetry {
  const { logger, version } = options
  listenToProblems(logger)
  const own = resourceFromAttributes({ 'service.name': settings.serviceName, 'service.version': version })
  const resource = detectResources({ detectors: [hostDetector, envDetector] }).merge(own)
  const tracing = settings.traces
    ? new BasicTracerProvider({ resource, spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())] })
    : undefined
  const metering = settings.metrics
    ? new MeterProvider({
        resource,
        readers: [
          new PeriodicExportingMetricReader({
            exporter: new OTLPMetricExporter(),
            exportIntervalMillis: settings.exportIntervalMs,
            exportTimeoutMillis: Math.min(settings.exportIntervalMs, 30_000),
          }),
        ],
      })
    : undefined
  const traces = tracing && traceBatches(tracing.getTracer('@eds/server', version), options.now)
  const metrics = metering && measureBatches(metering.getMeter('@eds/server', version), options)
  return {
    pipeline: combineMetrics(traces ?? {}, metrics),
    close: async () => {
      const ended = Promise.allSettled([tracing?.shutdown(), metering?.shutdown()])
      await Promise.race([ended, sleep(closeMs, undefined, { ref: false })])
    },
  }
}

function listenToProblems(logger: TelemetryOptions['logger']): void {
  const warn = (message: string) => logger.warn({}, `OpenTelemetry: ${message}`)
  const ignore = () => undefined
  const target = { error: warn, warn, info: ignore, debug: ignore, verbose: ignore }
  diag.setLogger(target, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true })
}
