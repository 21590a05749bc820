import { expect, it } from 'vitest'
import { type Doing, idleness } from '../../src/supervisor/idleness.js'

const nothing = { hasTarget: false, mayDeliver: false }
const configured = { hasTarget: true, mayDeliver: false }
const prepared = { hasTarget: true, mayDeliver: true }

it.each<[Doing, typeof nothing, string, RegExp]>([
  [{ kind: 'connecting' }, nothing, 'waiting', /no session with HQ yet/],
  [{ kind: 'idle' }, nothing, 'waiting', /no destination yet: waiting for HQ to configure one, and to import/],
  [{ kind: 'idle' }, configured, 'waiting', /waiting for HQ to import into the destination/],
  [{ kind: 'idle' }, prepared, 'waiting', /worker is being started/],
  [{ kind: 'importing' }, configured, 'waiting', /an import runs/],
  [{ kind: 'import failed', message: 'm' }, configured, 'degraded', /import failed: m; nothing is delivered until/],
  [{ kind: 'worker crashed', message: 'm' }, prepared, 'degraded', /worker crashed .*: m/],
  [{ kind: 'NATS lost', message: 'm' }, prepared, 'degraded', /NATS is lost.*: m/],
])('%j is %s', (doing, facts, status, reason) => {
  expect(idleness(doing, facts)).toEqual({ status, reason: expect.stringMatching(reason) })
})
