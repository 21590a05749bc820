import type { PipelineMetrics } from '@eds/core'
import { SpanKind, SpanStatusCode, type Tracer } from '@opentelemetry/api'

/** A span for each write to a destination and each attempt that failed; never one for an event. */
export function traceBatches(tracer: Tracer, now: () => number): PipelineMetrics {
  return {
    onBatch: (sink, { events, bytes, writeMs, processingMs }) => {
      const endedAt = now()
      const attributes = {
        'eds.sink': sink,
        'eds.events': events,
        'eds.bytes': bytes,
        'eds.processing_ms': processingMs,
      }
      const options = { kind: SpanKind.PRODUCER, root: true, startTime: endedAt - writeMs, attributes }
      tracer.startSpan('eds.write', options).end(endedAt)
    },
    onRetry: (sink, { code, message }) => {
      const endedAt = now()
      const attributes = { 'eds.sink': sink, 'error.type': code }
      const span = tracer.startSpan('eds.retry', {
        kind: SpanKind.PRODUCER,
        root: true,
        startTime: endedAt,
        attributes,
      })
      span.setStatus({ code: SpanStatusCode.ERROR, message })
      span.end(endedAt)
    },
  }
}
