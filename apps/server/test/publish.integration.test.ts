import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { shopEvents } from '@eds/shop'
import { requireService } from '@eds/tool-services/vitest'
import { connect } from 'nats'
import { describe, expect, it, onTestFinished } from 'vitest'
import { runEds, startEds, temporaryFolder } from './eds.js'
import { eventText, figure } from './world.js'

const nats = await requireService('nats')
let number = 0

/** A stream that the command is to make; removed after the test. */
async function streamName(): Promise<{
  name: string
  messages: () => Promise<{ subject: string; data: string; id: string }[]>
}> {
  const name = `eds_publish_${process.pid}_${++number}`
  const connection = await connect({ servers: nats.url })
  const manager = await connection.jetstreamManager()
  onTestFinished(async () => {
    await manager.streams.delete(name).catch(() => {})
    await connection.close()
  })
  const messages = async () => {
    const { state } = await manager.streams.info(name)
    const sequences = Array.from({ length: state.messages }, (_, index) => index + 1)
    return Promise.all(
      sequences.map(async (seq) => {
        const { subject, data, header } = await manager.streams.getMessage(name, { seq })
        return { subject, data: Buffer.from(data).toString('utf8'), id: header.get('Nats-Msg-Id') }
      }),
    )
  }
  return { name, messages }
}

nats.describe('eds publish', () => {
  it('publishes the lines of files and of standard input, under subjects that the server filters by', async () => {
    const { name, messages } = await streamName()
    const cwd = temporaryFolder()
    const lines = [...shopEvents({ seed: 2, events: 40 })].map(({ bytes }) => bytes.toString('utf8'))
    writeFileSync(join(cwd, 'first.ndjson'), `${lines.slice(0, 30).join('\n')}\n`)
    const words = ['publish', '--server', nats.url, '--stream', name]
    expect(await runEds([...words, '--create', 'first.ndjson'], { cwd })).toEqual({
      code: 0,
      stdout: `30 events published to ${name}\n`,
      stderr: '',
    })
    expect(await runEds([...words, '-'], { cwd, stdin: lines.slice(30).join('\n') })).toMatchObject({ code: 0 })
    const stored = await messages()
    expect(stored.map(({ data }) => data)).toEqual(lines)
    const expected = [...shopEvents({ seed: 2, events: 40 })]
    expect(stored.map(({ subject, id }) => [subject, id])).toEqual(
      expected.map((event) => {
        const { table, operation, companyId, locationId = 'NONE', id } = event
        return [`${name}.${table}.${operation}.${companyId}.${locationId}.PUBLIC.1`, id]
      }),
    )
  })

  it('leaves out what the stream has already', async () => {
    const { name, messages } = await streamName()
    const words = ['publish', '--server', nats.url, '--stream', name, '--create']
    const stdin = eventText({ row: { id: 'a' } })
    await runEds(words, { stdin })
    await runEds(words, { stdin })
    expect(await messages()).toHaveLength(1)
  })

  it('reaches a server that was started before', async () => {
    const { name } = await streamName()
    const cwd = temporaryFolder()
    const words = ['--server', nats.url, '--stream', name]
    await runEds(['publish', ...words, '--create'], { cwd, stdin: eventText({ row: { id: 'a' } }) })
    const server = ['server', ...words, '--port', '0', '--host', '127.0.0.1', '--start', 'beginning']
    const call = startEds([...server, '--url', `out=file://${cwd}/out?format=ndjson`], { cwd })
    await expect.poll(() => figure(cwd, 'eds_total_events')).toBe(1)
    await runEds(['publish', ...words], { cwd, stdin: eventText({ row: { id: 'b' } }) })
    await expect.poll(() => figure(cwd, 'eds_total_events')).toBe(2)
    call.stop()
    expect(await call.done).toBe(0)
    expect(readFileSync(join(cwd, 'out/note/current.ndjson'), 'utf8').match(/"id":"[ab]"/g)).toEqual([
      '"id":"a"',
      '"id":"b"',
    ])
  })

  it('stops at a line that is no event, and names it', async () => {
    const { name, messages } = await streamName()
    const stdin = `${eventText({ row: { id: 'a' } })}\nnothing\n${eventText({ row: { id: 'b' } })}\n`
    const { code, stderr } = await runEds(['publish', '--server', nats.url, '--stream', name, '--create'], { stdin })
    expect(stderr).toMatch(
      /^error: event 2 of the input is none: the message is not JSON.* \(published before that: 1 event\)$/m,
    )
    expect(code).toBe(1)
    expect(await messages()).toHaveLength(1)
  })

  it('says that there is no such stream', async () => {
    const { name } = await streamName()
    const { code, stderr } = await runEds(['publish', '--server', nats.url, '--stream', name], { stdin: '{}' })
    expect(stderr).toMatch(new RegExp(`^error: NATS has no stream "${name}": `))
    expect(code).toBe(3)
  })
})

describe('eds publish', () => {
  it('ends with exit code 5 when NATS cannot be reached', async () => {
    const { code, stdout, stderr } = await runEds(['publish', '--server', 'nats://eds:okapi-77@127.0.0.1:1'], {
      stdin: '{}',
    })
    expect(stderr).toMatch(/^error: NATS at nats:\/\/127\.0\.0\.1:1 /)
    expect(stdout + stderr).not.toContain('okapi')
    expect(code).toBe(5)
  })

  it.each([
    [['publish'], { isTTY: true }, 'error: nothing to publish: name files, or - for standard input\n'],
    [['publish', 'a', '-'], {}, 'error: - does not go with files: publish one after the other\n'],
    [['publish', '--rate', '0', '-'], {}, 'error: --rate "0" must be a whole number, 1 or more\n'],
    [
      ['publish', '--creds', 'none.creds', '-'],
      {},
      /^error: cannot read the credentials .*none\.creds \(ENOENT\): check --creds\n$/,
    ],
  ])('wants to be called rightly: %j', async (words, options, message) => {
    const { code, stderr } = await runEds(words, { cwd: temporaryFolder(), ...options })
    expect(stderr).toEqual(typeof message === 'string' ? message : expect.stringMatching(message))
    expect(code).toBe(3)
  })
})
