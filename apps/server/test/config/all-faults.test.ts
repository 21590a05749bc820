// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are what is tested

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { configSketch } from '../../src/config/config-sketch.js'
import { runEds, temporaryFolder } from '../eds.js'

/** What is wrong with the configuration in a folder, as a list. */
async function faults(config: object, words: readonly string[] = ['check']): Promise<string[]> {
  const cwd = temporaryFolder()
  const path = join(cwd, 'eds.config.json')
  writeFileSync(path, JSON.stringify(config))
  const { code, stdout, stderr } = await runEds(words, { cwd })
  expect([code, stdout]).toEqual([3, ''])
  return stderr.trimEnd().replace(`error: ${path}`, 'error: FILE').split('; ')
}

describe('everything that is wrong is named at once', () => {
  it('from unknown keys to the options of drivers', async () => {
    const found = await faults({
      sorce: {},
      port: 'http',
      start: 'yesterday',
      sinks: [
        { name: 'a', url: 'kafka://broker/changes?paswrd=x&sasl=plian' },
        { name: 'a', driver: 'oracle', lingr: '2s' },
        { name: 'c', driver: 'kafka', options: { hostname: 'broker', topic: 'changes', paswrd: 'x', sasl: 'plian' } },
        { name: 'd', url: 'postgres://me:${NO_PASSWORD}@db/shop' },
        { name: 'e', url: 'file:///x', driver: 'file' },
      ],
      transforms: [{ table: 'a', columns: { masc: ['x'], hash: ['y'] } }],
    })
    const expected = [
      /^error: FILE is not right: sinks\[3\]\.url: the environment variable NO_PASSWORD is not set/,
      /^sinks\[1\]: Unrecognized key: "lingr"/,
      /^sinks\[4\]: needs either url or driver/,
      /^transforms\[0\]\.columns: Unrecognized key: "masc"/,
      /^start: must be new, beginning, a time/,
      /^port: expected number/,
      /^Unrecognized key: "sorce"/,
      /^sinks\[1\]\.name: "a" is the name of sinks\[0\], too/,
      /^transforms\[0\]\.columns\.hash: needs hashKey/,
      /^sinks\[0\]: Kafka destinations have no option "paswrd"/,
      /^Apache Kafka is not configured right: sasl: Invalid option/,
      /^sinks\[1\]: there is no driver "oracle"/,
      /^sinks\[2\]: Apache Kafka is not configured right: .*sasl: Invalid option/,
      /Unrecognized key: "paswrd"/,
    ]
    for (const pattern of expected) expect(found).toContainEqual(expect.stringMatching(pattern))
    expect(found).toHaveLength(expected.length)
  })

  it('in a source and a sink that have the right shape', async () => {
    const source = { type: 'postgres', url: 'oracle://db/shop' }
    const [first, second] = await faults({ source, sinks: [{ name: 'a', url: 'nothing://x' }] })
    expect(first).toMatch(/^error: FILE is not right: sinks\[0\]: no driver for "nothing:\/\/"/)
    expect(second).toMatch(/^changes of oracle:\/\/ cannot be captured/)
  })
})

describe('a destination of the command line that is wrong', () => {
  const sinks = [{ name: 'shop', url: 'file:///x' }]

  it.each([
    [['--url', 'postgress://me:okapi@db/shop'], '--url postgress://me:***@db/shop: no driver for "postgress://": use '],
    [['--url', 'shop=nothing://x?password=okapi'], '--url shop=nothing://x?password=***: no driver for "nothing://"'],
    [['nothing://x'], '--url nothing://x: no driver for "nothing://"'],
  ])('is not laid at the door of the file: %j', async (words, expected) => {
    const found = await faults({ sinks }, ['server', ...words])
    expect(found).toEqual([expect.stringContaining(`error: ${expected}`)])
    expect(found.join()).not.toContain('okapi')
  })

  it('is told beside what is wrong with the file', async () => {
    const found = await faults({ sinks, prt: 1 }, ['server', '--url', 'nothing://x'])
    expect(found).toEqual([
      'error: FILE is not right: Unrecognized key: "prt"',
      expect.stringMatching(/^--url nothing:\/\/x: no driver/),
    ])
  })
})

it.each([undefined, null, 'text', [], { sinks: 'none' }, { sinks: [null], transforms: [1] }])(
  'a sketch can be made of anything: %j',
  (value) => {
    expect(configSketch.parse(value).sinks.length).toBeLessThanOrEqual(1)
  },
)
