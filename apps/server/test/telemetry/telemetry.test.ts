import { EdsError } from '@eds/core'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { openTelemetry } from '../../src/telemetry/telemetry.js'
import { lane } from '../host/lane.js'
import { startCollector } from './collector.js'

const batch = { events: 300, bytes: 9_000, writeMs: 40, processingMs: 1_500 }
const silent = { debug() {}, info() {}, warn() {}, error() {} }

function open(variables: Readonly<Record<string, string>>, warnings: string[] = []) {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
  return openTelemetry({
    environment: process.env,
    version: '1.2.3',
    statuses: () => [lane({ sink: 'shop', pendingEvents: 4, behindEvents: 3 })],
    now: () => 1_700_000_000_000,
    logger: { ...silent, warn: (_fields, message) => void warnings.push(message) },
  })
}

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('with an OTLP endpoint', () => {
  test('there is one span for a batch, with sink, events, bytes and times', async () => {
    const collector = await startCollector()
    const telemetry = await open({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_SERVICE_NAME: 'orders' })
    telemetry?.pipeline.onBatch?.('shop', batch)
    await telemetry?.close()
    expect(collector.spans).toHaveLength(1)
    const [span] = collector.spans
    expect(span).toMatchObject({
      name: 'eds.write',
      attributes: { 'eds.sink': 'shop', 'eds.events': 300, 'eds.bytes': 9_000 },
      resource: { 'service.name': 'orders', 'service.version': '1.2.3' },
    })
    const { startTimeUnixNano, endTimeUnixNano } = span!.raw
    expect(Math.round((Number(endTimeUnixNano) - Number(startTimeUnixNano)) / 1e6)).toBe(40)
  })

  test('an attempt that failed is a span with its error', async () => {
    const collector = await startCollector()
    const telemetry = await open({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
    telemetry?.pipeline.onRetry?.('shop', new EdsError('connection', 'nobody answers'))
    await telemetry?.close()
    expect(collector.spans).toMatchObject([
      {
        name: 'eds.retry',
        attributes: { 'error.type': 'connection' },
        raw: { status: { code: 2, message: 'nobody answers' } },
      },
    ])
  })

  test('metrics are those of the pipeline, for each sink', async () => {
    const collector = await startCollector()
    const telemetry = await open({
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${collector.url}/v1/metrics`,
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=test',
    })
    telemetry?.pipeline.onBatch?.('shop', batch)
    telemetry?.pipeline.onBatch?.('shop', batch)
    telemetry?.pipeline.onDeadLetter?.('shop', 2)
    await telemetry?.close()
    const figures = new Map(collector.points.map((point) => [point.name, point]))
    expect(figures.get('eds.events')).toMatchObject({ attributes: { 'eds.sink': 'shop' }, raw: { asDouble: 600 } })
    expect(figures.get('eds.bytes')?.raw).toMatchObject({ asDouble: 18_000 })
    expect(figures.get('eds.dead_letters')?.raw).toMatchObject({ asDouble: 2 })
    expect(figures.get('eds.events.behind')?.raw).toMatchObject({ asDouble: 7 })
    expect(figures.get('eds.write.duration')?.raw).toMatchObject({ count: 2, sum: 0.08 })
    expect(figures.get('eds.events')?.resource).toMatchObject({
      'service.name': 'eds',
      'deployment.environment': 'test',
    })
    expect(collector.spans).toEqual([])
  })

  test('a collector that is down keeps nobody from ending', async () => {
    const telemetry = await open({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' })
    telemetry?.pipeline.onBatch?.('shop', batch)
    const began = performance.now()
    await telemetry?.close()
    expect(performance.now() - began).toBeLessThan(5_000)
  })
})

describe('nothing is exported', () => {
  test.each([
    {},
    { OTEL_EXPORTER_OTLP_ENDPOINT: '' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_SDK_DISABLED: 'true' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' },
  ])('with %j', async (variables) => {
    expect(await open(variables)).toBeUndefined()
  })

  test('by a protocol that is not there, and a warning says so', async () => {
    const warnings: string[] = []
    const variables = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }
    expect(await open(variables, warnings)).toBeUndefined()
    expect(warnings).toEqual([
      expect.stringContaining('use http/protobuf'),
      expect.stringContaining('use http/protobuf'),
    ])
  })
})
