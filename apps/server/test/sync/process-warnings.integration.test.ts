import { expect, test } from 'vitest'
import { temporaryFolder } from '../eds.js'
import { startSync } from './sync-process.js'

const config = {
  serviceName: 'warned',
  trigger: { type: 'window', observationPeriod: 60 },
  endpoints: [{ eventKey: 'a' }, { eventKey: 'b' }],
}

/** A client library that repeats itself, as soon as the program has begun. */
const library = `setInterval(() => {
  if (process.listenerCount('SIGTERM') > 0) process.emitWarning('first line\\nsecond line', 'LibraryWarning')
}, 20).unref()`

test('what a client library warns of is one line, once', async () => {
  const folder = temporaryFolder()
  const sync = startSync({
    folder,
    environment: {
      CONFIG: JSON.stringify(config),
      NODE_OPTIONS: `--conditions=@eds/source --import data:text/javascript,${encodeURIComponent(library)}`,
    },
    words: ['--sink', `file://${folder}/messages`],
  })
  await sync.url
  await sync.stop('SIGTERM')
  const lines = sync.output().split('\n')
  expect(lines.filter((line) => line.includes('LibraryWarning'))).toEqual([
    expect.stringMatching(/^(?:WARN {2}|warning: )LibraryWarning: first line second line$/),
  ])
  expect(sync.output()).not.toContain('(node:')
})
