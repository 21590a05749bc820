import { join } from 'node:path'
import { openLmdbState } from '@eds/state-lmdb'
import { requireService } from '@eds/tool-services/vitest'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../eds.js'
import { distinct, expectedIds, replay, storedEvents, windowsOf } from './replay.js'
import { steadyPosts } from './steady-posts.js'
import { startSync } from './sync-process.js'
import { testTopic } from './topic.js'

const pubsub = await requireService('pubsub')

/** Default: three deaths; for a longer run EDS_TEST_SYNC_KILLS=10. */
const kills = Number(process.env.EDS_TEST_SYNC_KILLS ?? 3)
const serviceName = 'killed'
const endpoints = [
  { eventKey: 'one', minNbOfOccurrence: 1 },
  { eventKey: 'two', minNbOfOccurrence: 2 },
  { eventKey: 'three', minNbOfOccurrence: 3 },
]
const eventKeys = endpoints.map(({ eventKey }) => eventKey)

/** Which line the events of each endpoint are in. */
async function linesOf(folder: string): Promise<Record<string, { writer: string; slot: number }>> {
  const state = await openLmdbState({ directory: join(folder, 'data', 'state') })
  try {
    const head = JSON.parse((await state.namespace(`sync/${serviceName}`).get('head')) ?? '')
    expect(Object.keys(head.writers)).toHaveLength(1)
    const [writer = ''] = Object.keys(head.writers)
    return Object.fromEntries(eventKeys.map((key) => [key, { writer, slot: head.slots[key].number }]))
  } finally {
    await state.close()
  }
}

pubsub.describe('eds sync, killed in the middle', () => {
  test('fires exactly the windows that the stored events make, with all that was acknowledged', {
    timeout: 60_000 + 30_000 * kills,
  }, async () => {
    const topic = await testTopic(pubsub.url)
    const folder = temporaryFolder()
    const config = { serviceName, trigger: { type: 'window', observationPeriod: 86_400 }, endpoints }
    const environment = {
      CONFIG: JSON.stringify({ ...config, targetPubSub: { topic: topic.path } }),
      PROJECT_ID: 'eds-sync-test',
      PUBSUB_EMULATOR_HOST: topic.emulator,
    }
    const start = () => startSync({ folder, environment, words: ['--store', 'lmdb'] })
    const acknowledged = new Set<string>()
    for (let life = 0; life < kills; life++) {
      const sync = start()
      await sync.url
      // In the middle of the others, and not always at the same place.
      const onStored = (count: number) => void (count === 60 + 11 * life && sync.child.kill('SIGKILL'))
      const load = { instances: [sync], eventKeys, clients: 8, perClient: 1_000, name: String(life), onStored }
      for (const content of await steadyPosts(load)) acknowledged.add(content)
      await sync.ended
    }
    const last = start()
    expect((await last.call('/trigger')).status).toBe(200)
    await expect.poll(async () => JSON.parse((await last.call('/status')).text).due.count).toBe(0)
    expect(await last.stop('SIGTERM')).toBe(0)
    const messages = distinct((await topic.messages()).map(({ message }) => message))
    const windows = windowsOf(messages, endpoints)
    expect(windows).toEqual(replay(messages, endpoints))
    const ids = messages.map(({ eventID }) => eventID).sort()
    expect(ids).toEqual(expectedIds(windows, await linesOf(folder)).sort())
    const stored = new Set(storedEvents(messages).map(({ content }) => content))
    expect([...acknowledged].filter((content) => !stored.has(content))).toEqual([])
    expect(acknowledged.size).toBeGreaterThanOrEqual(60 * kills)
  })
})
