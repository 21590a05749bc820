import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { requireService } from '@eds/tool-services/vitest'
import { expect, it } from 'vitest'
import { type EdsCall, runEds, startEds, temporaryFolder } from './eds.js'
import { events, eventText, figure, testDatabase, testStream } from './world.js'

const nats = await requireService('nats')
const postgres = await requireService('postgres')

async function world() {
  const stream = await testStream(nats.url)
  const source = ['--server', nats.url, '--stream', stream.name]
  return {
    stream,
    cwd: temporaryFolder(),
    words: ['server', ...source, '--port', '0', '--host', '127.0.0.1', '--start', 'beginning'],
  }
}

async function stopped(call: EdsCall): Promise<number> {
  call.stop()
  return call.done
}

const subject = 'note.INSERT.c.l.PUBLIC.1'

nats.describe('while the server runs', () => {
  it('status shows each sink, for people and for programs', async () => {
    const { stream, cwd, words } = await world()
    const call = startEds([...words, '--url', `out=file://${cwd}/out`], { cwd })
    await stream.publish(events(25))
    await expect.poll(() => figure(cwd, 'eds_total_events')).toBe(25)
    const people = await runEds(['status'], { cwd })
    expect(people.stdout).toMatch(/^ok: eds \S+, process \d+, running for /)
    expect(people.stdout).toMatch(/\nout +running for .+ +0 +0 ms +\d+ +25 +0 +0 +0\n/)
    const program = await runEds(['status', '--json'], { cwd })
    expect(JSON.parse(program.stdout)).toMatchObject({
      status: 'ok',
      sinks: [{ name: 'out', state: 'running', totalEvents: 25, lagEvents: 0, destination: `file://${cwd}/out` }],
    })
    expect(await stopped(call)).toBe(0)

    const after = await runEds(['status'], { cwd })
    expect(after.stdout).toMatch(
      /no server runs on .*\n\nSINK +POSITION +DEAD LETTERS +DESTINATION\nout +0{14}25\.\d+ +0 +file:/,
    )
  })

  it('control ends it, by the exit code that was asked for', async () => {
    for (const [action, exitCode] of [
      ['shutdown', 0],
      ['restart', 4],
    ] as const) {
      const { cwd, words } = await world()
      const call = startEds([...words, '--url', `out=file://${cwd}/out`], { cwd })
      await call.prints(/delivering from/)
      expect(await runEds(['control', action], { cwd })).toMatchObject({ code: 0, stderr: '' })
      expect(await call.done).toBe(exitCode)
    }
  })

  it('control gives the log file that is complete', async () => {
    const { cwd, words } = await world()
    const call = startEds([...words, '--log-file-sink', 'eds.log', '--url', `out=file://${cwd}/out`], { cwd })
    await call.prints(/delivering from/)
    const { stdout } = await runEds(['control', 'logfile'], { cwd })
    expect(stdout).toMatch(/\/data\/logs\/eds-.*\.log\n$/)
    expect(readFileSync(stdout.trim(), 'utf8')).toContain('delivering from')
    await stopped(call)
  })

  it('replay is refused', async () => {
    const { cwd, words } = await world()
    const call = startEds([...words, '--url', `out=file://${cwd}/out`], { cwd })
    await call.prints(/delivering from/)
    const { code, stderr } = await runEds(['replay', '--from', 'beginning', '--yes'], { cwd })
    expect(stderr).toMatch(/^error: the server runs on .*: stop it first: eds control shutdown\n$/)
    expect(code).toBe(3)
    await stopped(call)
  })

  postgres.describe('dead letters', () => {
    it('are listed, and applied again by way of the running server', async () => {
      const { stream, cwd, words } = await world()
      const database = await testDatabase(postgres.url)
      const call = startEds([...words, '--url', `shop=${database.url}`], { cwd })
      await stream.publishRaw(subject, eventText({ row: { id: 'a', size: 1 } }))
      await expect.poll(() => figure(cwd, 'eds_sink_events_total{sink="shop"}')).toBe(1)
      await database.query('ALTER TABLE note ADD CONSTRAINT small CHECK (size < 10)')
      await stream.publishRaw(subject, eventText({ row: { id: 'b', size: 50 } }))
      await stream.publishRaw(subject, 'no event at all')
      await stream.publishRaw(subject, eventText({ row: { id: 'c', size: 2 } }))
      await expect.poll(() => database.count('note')).toBe(2)
      await expect.poll(() => figure(cwd, 'eds_sink_dead_letters{sink="shop"}')).toBe(2)

      const list = await runEds(['dead-letter', 'list'], { cwd })
      expect(list.stdout.split('\n')).toEqual([
        expect.stringMatching(/^shop 0{15}2\.\d+ open since \S+: note: .*small/),
        expect.stringMatching(/^shop 0{15}3\.\d+ open since \S+: .*not JSON/),
        '',
      ])
      expect(list.stderr).toBe('2 dead letters\n')
      const [first, second] = (await runEds(['dead-letter', 'list', '--json'], { cwd })).stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
      expect(JSON.parse(first.event)).toMatchObject({ after: { id: 'b', size: 50 } })
      expect(second).toMatchObject({ sink: 'shop', event: 'no event at all' })

      expect((await runEds(['dead-letter', 'retry', first.id], { cwd })).stdout).toBe(
        '0 applied, 1 failed again, 0 given up\n',
      )
      await database.query('ALTER TABLE note DROP CONSTRAINT small')
      expect(await runEds(['dead-letter', 'retry', first.id], { cwd })).toEqual({
        code: 0,
        stdout: '1 applied, 0 failed again, 0 given up\n',
        stderr: '',
      })
      expect(await database.count('note')).toBe(3)
      expect((await runEds(['dead-letter', 'skip', '--all', '--sink', 'shop'], { cwd })).stdout).toBe(
        '0 applied, 0 failed again, 1 given up\n',
      )
      expect(await figure(cwd, 'eds_sink_dead_letters{sink="shop"}')).toBe(0)
      expect(await stopped(call)).toBe(0)
      expect((await runEds(['dead-letter', 'list'], { cwd })).stderr).toBe('0 dead letters\n')
      expect((await runEds(['dead-letter', 'list', '--all'], { cwd })).stdout).toMatch(/retried[\s\S]*skipped/)
    })
  })

  it('an event that cannot be applied stops the sink when that is wanted', async () => {
    const { stream, cwd, words } = await world()
    await stream.publishRaw(subject, 'no event at all')
    const { code, stderr } = await runEds([...words, '--on-error', 'halt', '--url', `out=file://${cwd}/out`], { cwd })
    expect(code).toBe(1)
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/^error: stopped in front of event 0{15}1\.\d+, .* not JSON/)
  })
})

nats.describe('while no server runs', () => {
  postgres.describe('dead letters', () => {
    it('are applied again or given up in a pipeline of their own', async () => {
      const { stream, cwd, words } = await world()
      const database = await testDatabase(postgres.url)
      const url = ['--url', `shop=${database.url}`]
      const call = startEds([...words, ...url], { cwd })
      await stream.publishRaw(subject, eventText({ row: { id: 'a', size: 1 } }))
      await expect.poll(() => database.count('note')).toBe(1)
      await database.query('ALTER TABLE note ADD CONSTRAINT small CHECK (size < 10)')
      await stream.publishRaw(subject, eventText({ row: { id: 'b', size: 50 } }))
      await stream.publishRaw(subject, 'no event at all')
      await expect.poll(() => figure(cwd, 'eds_sink_dead_letters{sink="shop"}')).toBe(2)
      expect(await stopped(call)).toBe(0)

      await database.query('ALTER TABLE note DROP CONSTRAINT small')
      expect((await runEds(['dead-letter', 'retry'], { cwd })).stderr).toMatch(
        /^error: no destination: give one with --url/,
      )
      const retried = await runEds(['dead-letter', 'retry', ...url], { cwd })
      expect(retried.stdout).toBe('1 applied, 1 failed again, 0 given up\n')
      expect(retried.code).toBe(1)
      expect(await database.count('note')).toBe(2)
      const skipped = await runEds(['dead-letter', 'skip', '--all', ...url], { cwd })
      expect(skipped).toMatchObject({ code: 0, stdout: '0 applied, 0 failed again, 1 given up\n' })
    })
  })

  it('replay sets a sink back to a position, a time or the beginning', async () => {
    const { stream, cwd, words } = await world()
    const url = ['--url', `out=file://${cwd}/out`]
    const deliver = async (count: number) => {
      const call = startEds([...words.slice(0, -2), ...url], { cwd })
      await expect.poll(() => figure(cwd, 'eds_total_events')).toBe(count)
      expect(await stopped(call)).toBe(0)
    }
    const position = async (): Promise<string> =>
      JSON.parse((await runEds(['status', '--json'], { cwd })).stdout).sinks[0].position
    const first = startEds([...words, ...url], { cwd })
    await stream.publish(events(10))
    await expect.poll(() => figure(cwd, 'eds_total_events')).toBe(10)
    await stopped(first)
    const back = await position()
    await stream.publish(events(20, 10))
    await deliver(20)

    const ahead = await runEds(['replay', '--from', `9${back.slice(1)}`, '--yes'], { cwd })
    expect(ahead).toMatchObject({ code: 3, stderr: expect.stringMatching(/has not come as far/) })
    expect(await runEds(['replay', '--from', 'beginning'], { cwd })).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/there is no terminal to ask on: repeat with --yes/),
    })

    expect(await runEds(['replay', '--from', back, '--yes'], { cwd })).toMatchObject({
      code: 0,
      stdout: `out goes on just after ${back} when the server starts next\n`,
    })
    await deliver(20)
    expect((await runEds(['replay', '--sink', 'out', '--from', 'beginning', '--yes'], { cwd })).code).toBe(0)
    await deliver(30)
    expect((await runEds(['replay', '--from', '1h', '--yes'], { cwd })).stdout).toMatch(/^out begins at \d{4}-/)
    await deliver(30)
    expect((await runEds(['replay', '--from', '1h', '--sink', 'in', '--yes'], { cwd })).stderr).toMatch(
      /^error: there is no sink "in": there is out\n$/,
    )
  })

  it('replay asks first', async () => {
    const { stream, cwd, words } = await world()
    await stream.publish(events(3))
    const first = startEds([...words, '--url', `out=file://${cwd}/out`], { cwd })
    await expect.poll(() => figure(cwd, 'eds_total_events')).toBe(3)
    await stopped(first)
    const answer = (stdin: string) => runEds(['replay', '--from', 'beginning'], { cwd, stdin, isTTY: true })
    expect(await answer('yes\n')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/error: nothing was changed\n$/),
    })
    const agreed = await answer('replay\n')
    expect(agreed.stderr).toMatch(/a queue or a log gets them twice\.\nType replay to go on: /)
    expect(agreed.code).toBe(0)
  })

  it('control and status say so', async () => {
    const cwd = temporaryFolder()
    expect(await runEds(['control', 'pause'], { cwd })).toMatchObject({
      code: 1,
      stderr: `error: no server runs on ${join(cwd, 'data')}: start it, or name another by --data-dir\n`,
    })
    expect(await runEds(['status'], { cwd })).toMatchObject({
      code: 0,
      stdout: `no server runs on ${join(cwd, 'data')}, and none did before\n`,
    })
    expect(JSON.parse((await runEds(['status', '--json'], { cwd })).stdout)).toEqual({ status: 'stopped', sinks: [] })
  })
})
