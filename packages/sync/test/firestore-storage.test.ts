import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { firestoreStorage } from '../src/firestore.js'
import type { SyncStorage } from '../src/index.js'
import { storeSuite } from './store-suite.js'
import { emulatorHost, type FirestoreServer, startFirestore } from './support/firestore-server.js'
import { History } from './support/history.js'

describe(`on Firestore (${emulatorHost === undefined ? 'simulated' : `emulator at ${emulatorHost}`})`, () => {
  let server: FirestoreServer
  const opened: SyncStorage[] = []
  const open = async (collection: string) => {
    const storage = await firestoreStorage({ collection, projectId: 'eds-test', endpoint: server.host })
    opened.push(storage)
    return storage
  }
  beforeAll(async () => {
    server = await startFirestore()
  })
  afterAll(async () => {
    await Promise.all(opened.map((storage) => storage.close()))
    await server.stop()
  })

  storeSuite('a store in a collection', { open, shared: true, largeBytes: 900_000 })

  it('does in random lives what the plain model does', async () => {
    for (let seed = 3_001; seed <= 3_020; seed++) {
      const collection = `lives-${randomUUID()}`
      const history = new History(seed, () => open(collection))
      await history.live(20)
      const { engine, model } = await history.end()
      expect(engine, `seed ${seed}`).toEqual(model)
      const sent = new Set(history.sent.map((message) => JSON.stringify(message)))
      const expected = new Set(history.model.messages.map((message) => JSON.stringify(message)))
      expect([...sent].sort(), `seed ${seed}`).toEqual([...expected].sort())
    }
  })
})
