import { shopEvents } from '@eds/shop'
import { startNats, startPostgres } from '@eds/tool-services'
import type { BenchScale } from './command-line.js'
import { type BenchRow, row } from './result.js'
import { fillStream } from './stream.js'
import type { PipelineTask } from './tasks.js'
import { runWorker } from './worker-process.js'

/** Peak memory at full speed, for a backlog and for one ten times as large. */
export async function memoryBench({ quick, rounds }: BenchScale, report: (row: BenchRow) => void): Promise<void> {
  const nats = await startNats()
  const postgres = await startPostgres()
  try {
    const small = quick ? 10_000 : 50_000
    const task = {
      kind: 'pipeline',
      natsUrl: nats.url,
      url: postgres.url,
      driver: '@eds/driver-postgres',
      ack: 'all',
    } as const
    const peaks = new Map<number, number[]>()
    for (const size of [small, small * 10]) {
      const stream = `memory${size}`
      const events = await fillStream(nats.url, stream, shopEvents({ seed: 1, events: size }))
      for (let round = 0; round < rounds; round++) {
        const { peakRssBytes } = await runWorker({ ...task, stream, events } satisfies PipelineTask)
        peaks.set(size, [...(peaks.get(size) ?? []), peakRssBytes / 1e6])
      }
    }
    for (const [size, rss] of peaks) report(row('memory', `peak RSS, backlog of ${size} events`, 'MB', rss))
  } finally {
    await Promise.all([nats.remove(), postgres.remove()])
  }
}
