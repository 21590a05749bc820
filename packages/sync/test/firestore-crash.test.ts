import { type ChildProcess, fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { firestoreStorage } from '../src/firestore.js'
import { openSync } from '../src/index.js'
import { type FirestoreServer, startFirestore } from './support/firestore-server.js'
import { ManualClock } from './support/manual-clock.js'
import { testConfig } from './support/sync-world.js'

const program = fileURLToPath(new URL('./support/firestore-instance.ts', import.meta.url))
const loader = pathToFileURL(fileURLToPath(new URL('../../../test-loader.mjs', import.meta.url))).href

let server: FirestoreServer
beforeAll(async () => {
  server = await startFirestore()
})
afterAll(() => server.stop())

/** What the processes told, put together. */
class Ledger {
  readonly acknowledged = new Set<string>()
  /** Contents by id of the message. */
  readonly sent = new Map<string, string>()

  follow(child: ChildProcess): void {
    child.on('message', (fact: { acknowledged?: string; eventID?: string; contents?: string[] }) => {
      if (fact.acknowledged !== undefined) this.acknowledged.add(fact.acknowledged)
      if (fact.eventID !== undefined) this.add(fact.eventID, fact.contents ?? [])
    })
  }

  add(id: string, contents: readonly string[]): void {
    const text = contents.join()
    expect(this.sent.get(id) ?? text, 'the same id, another set').toBe(text)
    this.sent.set(id, text)
  }

  contents(): string[] {
    return [...this.sent.values()].flatMap((text) => text.split(','))
  }
}

it('loses nothing and sends nothing twice under another id when instances are killed', async () => {
  const collection = `crash-${randomUUID()}`
  const ledger = new Ledger()
  const start = () => {
    const child = fork(program, [server.host, collection], {
      execArgv: ['--conditions=@eds/source', '--import', loader],
    })
    ledger.follow(child)
    return child
  }
  const kill = async (child: ChildProcess, atLeast: number) => {
    await expect.poll(() => ledger.acknowledged.size).toBeGreaterThan(atLeast)
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  const [first, second] = [start(), start()]
  await kill(first, 60)
  await kill(second, ledger.acknowledged.size + 30)
  const clock = new ManualClock(Date.now() + 20_000)
  const sync = await openSync({
    config: testConfig({ observationPeriod: 3_600 }),
    storage: await firestoreStorage({ collection, projectId: 'eds-test', endpoint: server.host }),
    send: async ({ eventID, events }) => {
      const contents = Object.values(events).flatMap((part) => (part.events ?? []).map(({ content }) => content))
      ledger.add(eventID, contents)
    },
    clock,
  })
  await sync.trigger()
  await expect
    .poll(async () => {
      clock.advance(5_000)
      return (await sync.status()).due.count
    })
    .toBe(0)
  await sync.close()
  const contents = ledger.contents()
  expect(new Set(contents).size).toBe(contents.length)
  expect([...ledger.acknowledged].filter((content) => !contents.includes(content))).toEqual([])
})
