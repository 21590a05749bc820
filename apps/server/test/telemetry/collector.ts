import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import protobuf from 'protobufjs'
import { onTestFinished } from 'vitest'

/** What of OpenTelemetry's protocol the tests look at: https://github.com/open-telemetry/opentelemetry-proto */
const { root } = protobuf.parse(`syntax = "proto3";
message AnyValue { oneof value { string string_value = 1; int64 int_value = 3; double double_value = 4; } }
message KeyValue { string key = 1; AnyValue value = 2; }
message Resource { repeated KeyValue attributes = 1; }
message Status { string message = 2; int32 code = 3; }
message Span {
  string name = 5; fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9; Status status = 15;
}
message ScopeSpans { repeated Span spans = 2; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
message Traces { repeated ResourceSpans resource_spans = 1; }
message Point { double as_double = 4; sfixed64 as_int = 6; repeated KeyValue attributes = 7; }
message Points { repeated Point data_points = 1; }
message HistogramPoint { fixed64 count = 4; double sum = 5; repeated KeyValue attributes = 9; }
message Histogram { repeated HistogramPoint data_points = 1; }
message Metric { string name = 1; oneof data { Points gauge = 5; Points sum = 7; Histogram histogram = 9; } }
message ScopeMetrics { repeated Metric metrics = 2; }
message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
message Metrics { repeated ResourceMetrics resource_metrics = 1; }`)

type Fields = Readonly<Record<string, unknown>>

export interface Seen {
  readonly name: string
  readonly attributes: Fields
  readonly resource: Fields
  readonly raw: Fields
}

export interface Collector {
  readonly url: string
  readonly spans: Seen[]
  /** Every data point, in order of arrival. */
  readonly points: Seen[]
}

/** A receiver of OTLP over HTTP with protobuf, which ends with the test. */
export async function startCollector(): Promise<Collector> {
  const spans: Seen[] = []
  const points: Seen[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    if (request.url === '/v1/traces') spans.push(...readSpans(body))
    else if (request.url === '/v1/metrics') points.push(...readPoints(body))
    else response.statusCode = 404
    response.setHeader('content-type', 'application/x-protobuf').end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans, points }
}

// biome-ignore lint/suspicious/noExplicitAny: decoded by a schema that TypeScript does not know
function decode(type: string, body: Buffer): any {
  const message = root.lookupType(type)
  return message.toObject(message.decode(body), { longs: Number, arrays: true, objects: true })
}

function readSpans(body: Buffer): Seen[] {
  const found: Seen[] = []
  for (const { resource, scopeSpans } of decode('Traces', body).resourceSpans) {
    for (const { spans } of scopeSpans) {
      for (const raw of spans) found.push(seen(raw.name, raw, resource))
    }
  }
  return found
}

function readPoints(body: Buffer): Seen[] {
  const found: Seen[] = []
  for (const { resource, scopeMetrics } of decode('Metrics', body).resourceMetrics) {
    for (const { metrics } of scopeMetrics) {
      for (const { name, gauge, sum, histogram } of metrics) {
        for (const raw of (gauge ?? sum ?? histogram).dataPoints) found.push(seen(name, raw, resource))
      }
    }
  }
  return found
}

type KeyValues = { key: string; value: Fields }[]
const fieldsOf = (pairs: KeyValues) => Object.fromEntries(pairs.map(({ key, value }) => [key, Object.values(value)[0]]))

function seen(name: string, raw: Fields & { attributes?: KeyValues }, resource: { attributes: KeyValues }): Seen {
  return { name, raw, attributes: fieldsOf(raw.attributes ?? []), resource: fieldsOf(resource.attributes) }
}
