import { EdsError, type Source } from '@eds/core'
import { expect, it } from 'vitest'
import { leavingNothing } from '../../src/host/live-sinks.js'

it('says what keeps the place of a sink that is left, and what to do', async () => {
  const lines: string[] = []
  const source: Source = {
    description: 'postgres://db/shop',
    open: () => Promise.reject(new Error('is not opened')),
    forget: () => Promise.reject(new EdsError('authentication', 'permission denied', { fix: 'grant it' })),
    close: async () => {},
  }
  await leavingNothing(source, ['sockets'], { warn: (_fields, line) => lines.push(line) }).close()
  expect(lines).toEqual([
    'postgres://db/shop still keeps the place of sockets (permission denied: grant it): unless another program reads by it, start this one again, or clean up with eds source remove',
  ])
})
