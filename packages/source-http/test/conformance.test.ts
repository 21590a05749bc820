import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryState, type StateStore } from '@eds/core'
import { openLmdbState } from '@eds/state-lmdb'
import { testSource } from '@eds/testkit'
import { afterAll } from 'vitest'
import { type HttpSource, httpSource } from '../src/index.js'

const folder = await mkdtemp(join(tmpdir(), 'eds-source-http-'))
const store = await openLmdbState({ directory: folder })
afterAll(async () => {
  await store.close()
  await rm(folder, { recursive: true })
})

/** A journal in a store, and who feeds it. One source feeds at a time, as one process does. */
function journalSuite(title: string, newJournal: (count: number) => StateStore): void {
  let count = 0
  let journal = newJournal(count)
  let source: HttpSource | undefined
  const create = (keepAcknowledged = 1_000) => {
    source = httpSource({ journal, keepAcknowledged })
    return source
  }
  testSource({
    title,
    create: () => source ?? create(),
    crash: async () => {
      source = undefined
    },
    reset: async () => {
      journal = newJournal(++count)
      source = undefined
    },
    publish: async (messages) => {
      const target = source ?? create()
      await Promise.all(messages.map((message) => target.publish(Buffer.from(message).toString())))
    },
    loseOldest: async (keep) => {
      const target = create(keep)
      const reader = await target.open({
        cursor: 'other',
        start: { at: 'beginning' },
        signal: new AbortController().signal,
      })
      for await (const chunk of reader) {
        const last = chunk.at(-1)
        await target.forget('kit')
        if (last !== undefined) await reader.acknowledge(last)
        break
      }
      source = undefined
    },
  })
}

journalSuite('httpSource, journaled in LMDB', (count) => store.namespace(`journal-${count}`))
journalSuite('httpSource, journaled in memory', () => memoryState())
