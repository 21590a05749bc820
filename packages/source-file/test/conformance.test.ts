import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { testSource } from '@eds/testkit'
import { afterAll } from 'vitest'
import { fileSource, generatorSource } from '../src/index.js'

const folder = await mkdtemp(join(tmpdir(), 'eds-source-'))
afterAll(() => rm(folder, { recursive: true }))

const anew = 'the stream ends: made anew it is a new stream'

const plain = join(folder, 'events.ndjson')
testSource({
  title: 'fileSource',
  create: () => fileSource({ paths: [plain] }),
  reset: () => writeFile(plain, ''),
  publish: (messages) => appendFile(plain, messages.map((message) => `${message}\n`).join('')),
  ends: true,
  remembers: false,
})

const compressed = join(folder, 'events.ndjson.gz')
testSource({
  title: 'fileSource, compressed',
  create: () => fileSource({ paths: [compressed] }),
  reset: () => writeFile(compressed, ''),
  publish: (messages) => appendFile(compressed, gzipSync(messages.map((message) => `${message}\n`).join(''))),
  ends: true,
  remembers: false,
})

let made: Buffer[] = []
testSource({
  title: 'generatorSource',
  create: () =>
    generatorSource({ description: 'made up', open: (after) => made.slice(after).map((bytes) => ({ bytes })) }),
  reset: async () => {
    made = []
  },
  publish: async (messages) => {
    made.push(...messages.map((message) => Buffer.from(message)))
  },
  ends: true,
  remembers: false,
  exceptions: {
    'gap: a stream that was made anew holds less than the position says, and open says so': anew,
    'start: at a time, nothing that was stored at it or later is missing': 'events are made when they are read',
  },
})
