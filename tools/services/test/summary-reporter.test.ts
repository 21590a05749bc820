import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TestRun } from '../src/summary.js'

const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
const config = fileURLToPath(new URL('fixtures/summary/vitest.config.ts', import.meta.url))
const reporter = fileURLToPath(new URL('../src/summary-reporter.ts', import.meta.url))

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eds-summary-'))
})

afterAll(() => rm(folder, { recursive: true }))

async function runFixture(args: readonly string[], environment: Record<string, string> = {}): Promise<TestRun> {
  const file = join(folder, 'summary.json')
  const child = spawn(process.execPath, [vitest, 'run', '--config', config, `--reporter=${reporter}`, ...args], {
    stdio: 'ignore',
    env: { ...process.env, CI: '', ...environment, EDS_TEST_SUMMARY_FILE: file },
  })
  await once(child, 'close')
  return JSON.parse(await readFile(file, 'utf8'))
}

describe('counting', () => {
  test('everything that did not pass is named with its reason', async () => {
    const run = await runFixture(['outcomes', 'broken'])
    expect(run.passed).toBe(1)
    expect(run.failed).toHaveLength(3)
    expect(run.failed).toEqual(
      expect.arrayContaining([
        { name: 'fixture broken.fixture.ts', reason: 'this file does not load' },
        { name: 'fixture outcomes.fixture.ts > a block whose hook fails', reason: 'the hook broke' },
        { name: 'fixture outcomes.fixture.ts > fails', reason: expect.stringContaining('one is not two') },
      ]),
    )
    expect(run.skipped).toEqual([
      { name: 'fixture outcomes.fixture.ts > is skipped with a note', reason: 'the moon is new' },
      { name: 'fixture outcomes.fixture.ts > is skipped without a word', reason: 'no reason given' },
      { name: 'fixture outcomes.fixture.ts > a block whose hook fails > never runs', reason: 'its block failed' },
    ])
  })

  test('what passes at the second attempt only is named with why the first one failed', async () => {
    const run = await runFixture(['unsteady', '--retry=1'])
    expect(run).toMatchObject({ passed: 1, failed: [] })
    expect(run.unsteady).toEqual([{ name: 'fixture unsteady.fixture.ts > wobbles', reason: 'not yet' }])
  })

  test('an error that no test waited for fails the run, and says where it came from', async () => {
    const run = await runFixture(['stray'])
    expect(run.passed).toBe(1)
    expect(run.failed).toEqual([
      {
        name: expect.stringMatching(
          /^error outside of any test, during .*stray\.fixture\.ts > leaves a promise behind$/,
        ),
        reason: expect.stringMatching(/nobody looked\n +at .*stray\.fixture\.ts:5/),
      },
    ])
  })

  test('tests that were not asked for are not skipped ones', async () => {
    expect(await runFixture(['outcomes', '-t', 'passes'])).toEqual({
      passed: 1,
      failed: [],
      skipped: [],
      unsteady: [],
    })
  })
})

describe('a test that needs a server', () => {
  const gone = { EDS_TEST_NATS_URL: 'nats://127.0.0.1:1' }
  const reason = 'NATS JetStream is missing: EDS_TEST_NATS_URL names a server that does not answer'

  test('is skipped by name when the server is missing', async () => {
    expect(await runFixture(['service'], gone)).toEqual({
      passed: 0,
      failed: [],
      skipped: [{ name: 'fixture service.fixture.ts > with NATS > talks to it', reason }],
      unsteady: [],
    })
  })

  test('fails with CI=true', async () => {
    const run = await runFixture(['service'], { ...gone, CI: 'true' })
    expect(run).toEqual({
      passed: 0,
      failed: [{ name: 'fixture service.fixture.ts', reason }],
      skipped: [],
      unsteady: [],
    })
  })
})
