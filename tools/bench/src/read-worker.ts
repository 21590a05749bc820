import { decodeEvent } from '@eds/core'
import { nats } from '@eds/source-nats'
import type { ReadTask } from './tasks.js'
import type { Measurement } from './worker.js'

const acknowledgeEvery = 1000

/** Reads and acknowledges as a lane does, but applies nothing. */
export async function runRead({ natsUrl, stream, decode, events }: ReadTask): Promise<Measurement> {
  const source = nats({ servers: natsUrl, stream, filterSubjects: [`${stream}.>`], ack: 'all' })
  const { signal } = new AbortController()
  const reader = await source.open({ cursor: `read-${process.pid}`, start: { at: 'beginning' }, signal })
  const startedAt = performance.now()
  let count = 0
  let acknowledged = 0
  for await (const chunk of reader) {
    if (decode) for (const delivery of chunk) decodeEvent(delivery)
    count += chunk.length
    const last = chunk.at(-1)
    if (last && (count - acknowledged >= acknowledgeEvery || count >= events)) {
      await reader.acknowledge(last)
      acknowledged = count
    }
    if (count >= events) break
  }
  const seconds = (performance.now() - startedAt) / 1000
  await reader.close()
  await source.forget(`read-${process.pid}`)
  await source.close()
  return { events: count, seconds }
}
