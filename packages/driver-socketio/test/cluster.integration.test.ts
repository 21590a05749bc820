import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { io, type Socket } from 'socket.io-client'
import { afterAll, beforeAll, expect, it } from 'vitest'

const loader = new URL('../../../test-loader.mjs', import.meta.url).href
const sockets: Socket[] = []
let primary: ChildProcess
let ports: number[]

beforeAll(async () => {
  const script = fileURLToPath(new URL('./cluster-primary.ts', import.meta.url))
  primary = fork(script, [], { execArgv: ['--conditions=@eds/source', '--import', loader] })
  const [message] = (await once(primary, 'message')) as [{ ports: number[] }]
  ports = message.ports
})

afterAll(async () => {
  for (const socket of sockets) socket.disconnect()
  const gone = once(primary, 'exit')
  primary.disconnect()
  await gone
})

function connected(port: number | undefined, token: string): Promise<Socket> {
  const socket = io(`http://127.0.0.1:${port}`, { auth: { token }, transports: ['websocket'], forceNew: true })
  sockets.push(socket)
  return new Promise((resolve) => socket.once('connected', () => resolve(socket)))
}

it('a change that one process is given reaches the sockets of both processes, and only those who may see it', async () => {
  expect(new Set(ports).size).toBe(2)
  const mine = await Promise.all(ports.map((port) => connected(port, 'me')))
  const others = await Promise.all(ports.map((port) => connected(port, 'other')))
  const unexpected: unknown[] = []
  for (const socket of others) socket.on('changes', ({ data }) => unexpected.push(data))
  const next = (socket: Socket) => new Promise((resolve) => socket.once('changes', ({ data }) => resolve(data)))
  const got = Promise.all(mine.map(next))
  primary.send({ write: { after: { id: 1, userId: 'me' } } })
  expect(await got).toEqual([
    { id: 1, userId: 'me' },
    { id: 1, userId: 'me' },
  ])
  const last = Promise.all(others.map(next))
  primary.send({ write: { after: { id: 2, userId: 'other' } } })
  await last
  expect(unexpected).toEqual([
    { id: 2, userId: 'other' },
    { id: 2, userId: 'other' },
  ])
})
