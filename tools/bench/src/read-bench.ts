import { startNats } from '@eds/tool-services'
import type { BenchScale } from './command-line.js'
import { type BenchRow, median, row } from './result.js'
import { fillStream } from './stream.js'
import type { ReadTask } from './tasks.js'
import { runWorker } from './worker-process.js'
import { benchEvents } from './workload.js'

/** Reading a stream with and without decoding what was read. */
export async function readBench({ quick, rounds }: BenchScale, report: (row: BenchRow) => void): Promise<void> {
  const server = await startNats()
  try {
    const stream = 'readbench'
    const events = await fillStream(server.url, stream, benchEvents(quick ? 50_000 : 200_000))
    const raw: number[] = []
    const decoded: number[] = []
    const task: Omit<ReadTask, 'decode'> = { kind: 'read', natsUrl: server.url, stream, events }
    for (let round = 0; round < rounds; round++) {
      raw.push(await rate({ ...task, decode: false }))
      decoded.push(await rate({ ...task, decode: true }))
    }
    report(row('read', 'read', 'events/s', raw))
    report(row('read', 'read and decode', 'events/s', decoded, { limit: median(raw) }))
  } finally {
    await server.remove()
  }
}

async function rate(task: ReadTask): Promise<number> {
  const { events, seconds } = await runWorker(task)
  return events / seconds
}
