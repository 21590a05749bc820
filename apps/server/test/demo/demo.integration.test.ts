import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compareState, describeDifferences, ExpectedState, shopEvents, shopSchemas } from '@eds/shop'
import { requireService } from '@eds/tool-services/vitest'
import { describe, expect, it } from 'vitest'
import { runEds, startEds, temporaryFolder } from '../eds.js'
import { testDatabase } from '../world.js'

const postgres = await requireService('postgres')

function linesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name !== '.eds')
    .flatMap((table) =>
      readFileSync(join(folder, table, 'current.ndjson'), 'utf8')
        .trimEnd()
        .split('\n'),
    )
}

describe('eds demo', () => {
  it('delivers every event into files, as often as it is run', async () => {
    const cwd = temporaryFolder()
    const sent = [...shopEvents({ seed: 1, events: 2_000, rowBytes: 'small' })].map(({ bytes }) =>
      bytes.toString('utf8'),
    )
    for (let run = 0; run < 2; run++) {
      const { code, stdout } = await runEds(['demo', '--events', '2000'], { cwd })
      expect(stdout).toMatch(/^2,000 events of a made-up repair shop delivered in \d+\.\d s: [\d,]+ events\/s, p99 /m)
      expect(stdout).toContain('Each table has a folder with its events in ./data/demo\n')
      expect(code).toBe(0)
      expect(linesIn(join(cwd, 'data/demo')).sort()).toEqual(sent.sort())
    }
  })

  it('ends with exit code 0 when it is interrupted', async () => {
    const cwd = temporaryFolder()
    const call = startEds(['demo', '--rate', '200'], { cwd })
    await call.prints(/ of 20,000 events/)
    call.stop()
    expect(await call.done).toBe(0)
    expect(call.stdout()).toMatch(/\n[\d,]+ events of a made-up repair shop delivered/)
  })

  it('shows one line that changes on a terminal', async () => {
    const { code, stdout } = await runEds(['demo', '--events', '300', '--rate', '1000'], {
      cwd: temporaryFolder(),
      isTTY: true,
    })
    expect(code).toBe(0)
    expect(stdout).toMatch(/\r\d+ of 300 events {2}[\d,]+ events\/s {2}lag \d+ {2}p99 \d+ m?s/)
    expect(stdout).toContain('\r\u001b[K300 events of a made-up')
  })

  it('serves health and figures where it is asked to', async () => {
    const cwd = temporaryFolder()
    const call = startEds(['demo', '--rate', '200', '--port', '0'], { cwd })
    await call.prints(/ of 20,000 events/)
    const { port } = JSON.parse(readFileSync(join(cwd, 'data/demo/.eds/control.json'), 'utf8'))
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).json()).toEqual({
      status: 'ok',
      sinks: { demo: 'running' },
    })
    expect((await runEds(['status', '-d', 'data/demo/.eds'], { cwd })).stdout).toMatch(/\ndemo +running/)
  })

  it('touches no folder that it did not make', async () => {
    const cwd = temporaryFolder()
    mkdirSync(join(cwd, 'data/demo'), { recursive: true })
    writeFileSync(join(cwd, 'data/demo/precious.txt'), 'keep me')
    const { code, stderr } = await runEds(['demo', '--events', '10'], { cwd })
    expect(stderr).toMatch(/^error: .*data\/demo holds something that is not from a demo: move it away/)
    expect(code).toBe(3)
    expect(readFileSync(join(cwd, 'data/demo/precious.txt'), 'utf8')).toBe('keep me')
  })

  it('does not disturb another demo in the same folder', async () => {
    const cwd = temporaryFolder()
    const call = startEds(['demo', '--rate', '200'], { cwd })
    await call.prints(/ of 20,000 events/)
    const second = await runEds(['demo', '--events', '10'], { cwd })
    expect(second).toMatchObject({ code: 3, stderr: expect.stringMatching(/is open in this process/) })
    expect(linesIn(join(cwd, 'data/demo')).length).toBeGreaterThan(10)
  })
})

postgres.describe('eds demo --url', () => {
  it('makes the tables and fills them', async () => {
    const database = await testDatabase(postgres.url)
    const expected = new ExpectedState({ schemas: shopSchemas({ rowBytes: 'small' }) })
    for (const event of shopEvents({ seed: 5, events: 800, rowBytes: 'small' })) expected.apply(event)
    const { code, stdout } = await runEds(['demo', '--events', '800', '--seed', '5', '--url', database.url], {
      cwd: temporaryFolder(),
    })
    expect(stdout).toMatch(/They are in postgres:\/\/postgres:\*\*\*@/)
    expect(code).toBe(0)
    expect(describeDifferences(await compareState(expected, database.readTable))).toBe('')
  })
})
