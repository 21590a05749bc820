import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { StringCodec } from 'nats'
import { expect, test, vi } from 'vitest'
import { main, parseOptions } from '../src/command-line.js'
import { createPrompt } from '../src/prompt.js'
import { answer, call, connectSession, makeSim, nats, startSession } from './hq-sim.js'

nats.describe('prompt', () => {
  test('tells how to enroll, with a code that works', async () => {
    const sim = await makeSim()
    const code = /^ *npx eds enroll (\w+) --api-url (\S+)/m.exec(createPrompt(sim).greeting())
    const response = await fetch(`${code?.[2]}/v3/eds/internal/enroll/${code?.[1]}`)
    expect(await response.json()).toMatchObject({ success: true })
  })

  test('notifies, asks and shows what came', async () => {
    const sim = await makeSim()
    const prompt = createPrompt(sim)
    expect(await prompt.run('notify pause')).toEqual({ text: 'no session was started yet', ok: false, quit: false })
    const { sessionId, credential } = await startSession(sim)
    const connection = await connectSession(sim, credential)
    let answered = 0
    connection.subscribe(`eds.notify.${sessionId}.>`, {
      callback: (_, message) => {
        const { action, data } = message.json<{ action: string; data?: object }>()
        if (message.reply) message.respond(StringCodec().encode(JSON.stringify({ asked: data })))
        else answer(connection, sessionId, `${action}-response`, { success: true, number: ++answered })
      },
    })
    await connection.flush()
    expect((await prompt.run('notify pause')).text).toBe('sent')
    expect((await prompt.run('wait pause-response')).text).toBe('{"success":true,"number":1}')
    await prompt.run('notify pause')
    expect((await prompt.run('wait pause-response')).text).toBe('{"success":true,"number":2}')
    expect((await prompt.run('answers')).text).toContain('pause-response {"success":true,"number":1}')
    expect(JSON.parse((await prompt.run('request configure {"url":"file:///x"}')).text)).toEqual({
      asked: { url: 'file:///x' },
    })
    let listens = false
    const ready = prompt.run('wait session').finally(() => {
      listens = true
    })
    await connection.flush()
    expect(listens).toBe(false)
    answer(connection, sessionId, 'heartbeat', { sessionId })
    expect((await ready).text).toBe(`session ${sessionId}`)
    expect((await prompt.run('sessions')).text).toContain(`${sessionId} runs, 0 logs`)
    expect((await prompt.run('requests')).text).toContain('POST /v3/eds/internal 200')
  })

  test('makes events and exports', async () => {
    const sim = await makeSim()
    const prompt = createPrompt(sim)
    const published = vi.spyOn(sim, 'publishEvents')
    const before = Date.now()
    expect((await prompt.run('events 5')).text).toBe('5 events published')
    const times = [...(published.mock.calls[0]?.[0] ?? [])].map((event) => {
      return 'bytes' in event ? JSON.parse(String(event.bytes)).timestamp : undefined
    })
    expect(times).toHaveLength(5)
    expect(Math.min(...times), 'newer than what was imported until now').toBeGreaterThanOrEqual(before)
    expect((await prompt.run('export 200')).text).toMatch(/^the next import gets 200 rows of \d+ tables$/)
    const { jobId } = (await call(sim, 'POST', '/v3/export/bulk', {})).json.data
    expect(Object.keys((await call(sim, 'GET', `/v3/export/bulk/${jobId}`)).json.data.tables)).toContain('order')
  })

  test.each([
    ['nonsense', 'no command "nonsense"'],
    ['toString', 'no command "toString"'],
    ['events', 'how many?'],
    ['notify', 'which action?'],
    ['request configure {', 'JSON'],
    ['http sideways', 'http down, or http up'],
  ])('"%s" says what is wrong', async (line, message) => {
    const { text: said, ok } = await createPrompt(await makeSim()).run(line)
    expect([ok, said]).toEqual([false, expect.stringContaining(message)])
  })

  test('a script runs to its end, and stops at what fails', async () => {
    const run = async (script: string) => {
      const output = new PassThrough()
      const code = await main([], Readable.from([script]), output)
      output.end()
      return { code, printed: await text(output) }
    }
    const good = await run('# try it\nhelp\nhttp down\nhttp up\nnats down\nnats up\nevents 1\nquit\nnonsense\n')
    expect(good).toMatchObject({ code: 0, printed: expect.stringContaining('NATS is up\n1 events published\n') })
    const bad = await run('nonsense\nevents 3\n')
    expect([bad.code, bad.printed.includes('events published')]).toEqual([1, false])
  })
})

test.each(['--help', '-h'])('%s tells how to start it, and starts nothing', async (flag) => {
  const output = new PassThrough()
  expect(await main(['--port', '3101', flag], Readable.from([]), output)).toBe(0)
  output.end()
  expect(await text(output)).toMatch(/^usage: hq-sim .*"help" lists them\.\n$/s)
})

test.each([
  [['--auth', 'none', '--port', '3101', '--companies', 'a,b'], { auth: 'none', port: 3101, companies: ['a', 'b'] }],
  [[], { auth: 'jwt' }],
  [['--auth', 'maybe'], '--auth must be jwt or none, not "maybe"'],
  [['--port', 'x'], '--port must be a number, not "x"'],
  [['--nope'], expect.stringContaining('--nope')],
])('options %j', (args, expected) => {
  expect(parseOptions(args)).toEqual(expected)
})
