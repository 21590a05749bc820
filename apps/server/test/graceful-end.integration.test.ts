import { compareState, describeDifferences, ExpectedState, shopEvents } from '@eds/shop'
import { requireService } from '@eds/tool-services/vitest'
import { beforeAll, expect, it } from 'vitest'
import { temporaryFolder } from './eds.js'
import { buildProgram, spawnEds } from './hq/eds-process.js'
import { startCollector } from './telemetry/collector.js'
import { figure, schemaFile, testDatabase, testStream } from './world.js'

const nats = await requireService('nats')
const postgres = await requireService('postgres')
const count = 4_000
/** Kubernetes, systemd and compose wait longer than this in the deployment files. */
const graceMs = 10_000

nats.describe('SIGTERM', () => {
  beforeAll(buildProgram)

  postgres.describe('while events stream into PostgreSQL', () => {
    it('ends the process with exit code 0 in time; nothing is lost, and nothing was delivered twice', {
      timeout: 150_000,
    }, async () => {
      const [stream, database, collector] = await Promise.all([
        testStream(nats.url),
        testDatabase(postgres.url),
        startCollector(),
      ])
      const events = [...shopEvents({ seed: 8, events: count })]
      const expected = new ExpectedState()
      for (const event of events) expected.apply(event)
      const cwd = temporaryFolder()
      const source = ['--server', nats.url, '--stream', stream.name, '--schema', schemaFile(), '--start', 'beginning']
      const words = ['server', ...source, '--port', '0', '--host', '127.0.0.1', '--url', `shop=${database.url}`]
      const start = () => spawnEds(words, cwd, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })

      const first = start()
      await first.prints(/delivering from/)
      const published = stream.publish(events.slice(0, count / 2))
      await expect.poll(() => figure(cwd, 'eds_total_events')).toBeGreaterThan(0)
      const asked = performance.now()
      first.child.kill('SIGTERM')
      expect(await first.ended).toEqual({ code: 0, signal: null })
      expect(performance.now() - asked).toBeLessThan(graceMs)
      const delivered = () =>
        collector.points.reduce((sum, { name, raw }) => (name === 'eds.events' ? sum + Number(raw.asDouble) : sum), 0)
      expect(delivered()).toBeGreaterThan(0)

      await published
      await stream.publish(events.slice(count / 2))
      const rest = count - delivered()
      const second = start()
      await expect.poll(() => figure(cwd, 'eds_total_events')).toBe(rest)
      second.child.kill('SIGTERM')
      expect(await second.ended).toEqual({ code: 0, signal: null })
      // Each process exports its total once, at its end: both together delivered every event exactly once.
      expect(delivered()).toBe(count)
      expect(collector.spans.reduce((sum, { attributes }) => sum + Number(attributes['eds.events']), 0)).toBe(count)
      expect(collector.spans.length).toBeLessThan(count)
      expect(describeDifferences(await compareState(expected, database.readTable))).toBe('')
    })
  })
})
