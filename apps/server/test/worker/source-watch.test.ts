import { EdsError, type Source } from '@eds/core'
import { describe, expect, it } from 'vitest'
import { idleSource } from '../../src/host/idle-source.js'
import { SourceWatch } from '../../src/worker/source-watch.js'

const request = { cursor: 'a', start: { at: 'resume' as const }, signal: new AbortController().signal }
const refusal = new EdsError('authentication', 'revoked')
const gap = new EdsError('gap', 'gone')

function failing(where: 'open' | 'read', error: EdsError): Source {
  return {
    ...idleSource(),
    open: async () => {
      if (where === 'open') throw error
      return {
        async *[Symbol.asyncIterator]() {
          yield []
          throw error
        },
        async acknowledge() {},
        async close() {},
      }
    },
  }
}

async function readAll(source: Source): Promise<number> {
  let chunks = 0
  for await (const _ of await source.open(request)) chunks++
  return chunks
}

describe('SourceWatch', () => {
  it.each([
    ['open', refusal, true],
    ['read', refusal, true],
    ['open', gap, false],
  ] as const)('%s: %s', async (where, error, isRefused) => {
    const watch = new SourceWatch()
    await expect(readAll(watch.guard(failing(where, error)))).rejects.toBe(error)
    expect(watch.refused(error)).toBe(isRefused)
  })

  it('does not blame the source for what a destination refused', () => {
    expect(new SourceWatch().refused(refusal)).toBe(false)
    expect(new SourceWatch().refused(undefined)).toBe(false)
  })
})
