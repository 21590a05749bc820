import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryState, type StateStore } from '@eds/core'
import { type LmdbState, openLmdbState } from '@eds/state-lmdb'
import { afterAll, beforeAll } from 'vitest'
import { embeddedStorage } from '../src/index.js'
import { storeSuite } from './store-suite.js'

const memory: StateStore = memoryState()
storeSuite('a store in memory', { open: async (name) => embeddedStorage(memory.namespace(name)), shared: false })

let directory: string
let lmdb: LmdbState
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'eds-sync-'))
  lmdb = await openLmdbState({ directory })
})
afterAll(async () => {
  await lmdb.close()
  await rm(directory, { recursive: true })
})
storeSuite('a store in LMDB', { open: async (name) => embeddedStorage(lmdb.namespace(name)), shared: false })
