import { expect, test } from 'vitest'
import { type Facts, resolve } from '../src/resolution.js'
import type { ProbeResult } from '../src/service-definition.js'

const closed: ProbeResult = { state: 'closed' }
const ready: ProbeResult = { state: 'ready' }
const starting: ProbeResult = { state: 'starting' }
const foreign: ProbeResult = { state: 'unsuitable', reason: 'what answers is not NATS' }
const nothing: Facts = { port: { number: 24222, probe: closed }, mayInstall: false, compose: false }
const port = (probe: ProbeResult) => ({ port: { number: 24222, probe } })
const named = (probe: ProbeResult) => ({ named: { variable: 'EDS_TEST_NATS_URL', url: 'nats://elsewhere', probe } })

const cases: readonly [string, Partial<Facts>, readonly string[], string][] = [
  ['the named server wins over everything', { ...named(ready), ...port(ready), executable: '/bin/x' }, ['named'], ''],
  [
    'a named server that is down is missing',
    { ...named(closed), ...port(ready) },
    [],
    'EDS_TEST_NATS_URL names a server that does not answer',
  ],
  [
    'a named server that starts is missing',
    named(starting),
    [],
    'EDS_TEST_NATS_URL names a server that is still starting',
  ],
  [
    'a named server of another kind is missing',
    named(foreign),
    [],
    'EDS_TEST_NATS_URL names a server that will not do: what answers is not NATS',
  ],
  ['what answers on the port is used', { ...port(ready), executable: '/bin/x', compose: true }, ['answering'], ''],
  [
    'a port that is taken is not fought over',
    { ...port(foreign), executable: '/bin/x' },
    [],
    'port 24222 is taken: what answers is not NATS',
  ],
  [
    'an executable is started',
    { executable: '/bin/x', installer: 'apt', mayInstall: true },
    ['start'],
    'it could not be started, and docker compose does not work here',
  ],
  [
    'compose follows a failing start',
    { executable: '/bin/x', compose: true },
    ['start', 'compose'],
    'it could not be started',
  ],
  [
    'installing where it is allowed',
    { installer: 'apt', mayInstall: true, compose: true },
    ['install', 'compose'],
    'it could not be started',
  ],
  [
    'no installing where it is not allowed',
    { installer: 'apt', compose: true },
    ['compose'],
    'not installed (allow "apt" with --install)',
  ],
  [
    'permission without a tool is nothing',
    { mayInstall: true },
    [],
    'not installed, and docker compose does not work here',
  ],
  [
    'a server of ours that is not ready is started anew',
    { ...port(starting), executable: '/bin/x' },
    ['start'],
    'it could not be started, and docker compose does not work here',
  ],
]

test.each(cases)('%s', (_title, facts, ways, missing) => {
  const resolution = resolve({ ...nothing, ...facts })
  expect(resolution.ways.map((way) => way.kind)).toEqual(ways)
  expect(resolution.missing).toBe(missing)
})

test('a named server is used by its own URL', () => {
  expect(resolve({ ...nothing, ...named(ready) }).ways).toEqual([{ kind: 'named', url: 'nats://elsewhere' }])
})
