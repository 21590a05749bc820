import { randomUUID } from 'node:crypto'
import { startFirestoreSim } from '@eds/tool-firestore-sim'
import { requireService } from '@eds/tool-services/vitest'
import { connect } from 'nats'
import { expect, onTestFinished, test } from 'vitest'
import { bucketName } from '../../src/sync/open-storage.js'
import { temporaryFolder } from '../eds.js'
import { distinct, replay, storedEvents, windowsOf } from './replay.js'
import { steadyPosts } from './steady-posts.js'
import { type SyncProcess, startSync } from './sync-process.js'
import { testTopic } from './topic.js'

const pubsub = await requireService('pubsub')
const nats = await requireService('nats')

const endpoints = [
  { eventKey: 'one', minNbOfOccurrence: 1 },
  { eventKey: 'two', minNbOfOccurrence: 2 },
]
const eventKeys = endpoints.map(({ eventKey }) => eventKey)

interface SharedStore {
  readonly serviceName: string
  readonly words: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly perClient: number
}

async function firestore(): Promise<SharedStore> {
  const sim = await startFirestoreSim()
  onTestFinished(() => sim.stop())
  const environment = { FIRESTORE_EMULATOR_HOST: sim.host }
  return { serviceName: 'instances', words: ['--store', 'firestore'], environment, perClient: 30 }
}

async function natsBucket(): Promise<SharedStore> {
  const serviceName = `eds-test-${randomUUID()}`
  onTestFinished(() => removeBucket(nats.url, bucketName(serviceName)))
  return { serviceName, words: ['--store', 'nats', '--server', nats.url], environment: {}, perClient: 100 }
}

async function removeBucket(url: string, bucket: string): Promise<void> {
  const connection = await connect({ servers: url })
  const manager = await connection.jetstreamManager()
  await manager.streams.delete(`KV_${bucket}`)
  await connection.close()
}

/** Two at the same store and topic. */
function startTwo({ serviceName, words, environment }: SharedStore, topic: { path: string; emulator: string }) {
  const trigger = { type: 'window', observationPeriod: 86_400 }
  const config = { serviceName, trigger, endpoints, targetPubSub: { topic: topic.path } }
  const all = { ...environment, CONFIG: JSON.stringify(config), PROJECT_ID: 'eds-sync-test' }
  const start = () =>
    startSync({ folder: temporaryFolder(), words, environment: { ...all, PUBSUB_EMULATOR_HOST: topic.emulator } })
  return [start(), start()] as const
}

async function untilNothingIsDue(instance: SyncProcess): Promise<void> {
  await expect.poll(async () => JSON.parse((await instance.call('/status')).text).due.count).toBe(0)
}

function sendOnce(title: string, open: () => Promise<SharedStore>): void {
  test(`send exactly one message for each window, on ${title}`, { timeout: 180_000 }, async () => {
    const store = await open()
    const topic = await testTopic(pubsub.url)
    const [survivor, victim] = startTwo(store, topic)
    await Promise.all([survivor.url, victim.url])
    const { perClient } = store
    const onStored = (count: number) => void (count === 2 * perClient && victim.child.kill('SIGKILL'))
    const instances = [survivor, victim]
    const acknowledged = await steadyPosts({ instances, eventKeys, clients: 8, perClient, name: 'event', onStored })
    await victim.ended
    await untilNothingIsDue(survivor)
    expect((await survivor.call('/trigger')).status).toBe(200)
    await untilNothingIsDue(survivor)
    expect(await survivor.stop('SIGTERM')).toBe(0)
    const messages = distinct((await topic.messages()).map(({ message }) => message))
    expect(windowsOf(messages, endpoints)).toEqual(replay(messages, endpoints))
    const contents = storedEvents(messages).map(({ content }) => content)
    expect(new Set(contents).size).toBe(contents.length)
    expect([...acknowledged].filter((content) => !contents.includes(content))).toEqual([])
    expect(acknowledged.size).toBeGreaterThanOrEqual(4 * perClient)
  })
}

pubsub.describe('two instances of eds sync on one store, one of them killed in the middle', () => {
  nats.describe('in JetStream', () => sendOnce('NATS', natsBucket))
  sendOnce('Firestore', firestore)
})
