import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { TcpProxy } from '@eds/testkit'
import { afterEach, beforeEach, expect, it } from 'vitest'

let server: Server
let proxy: TcpProxy
const heard: string[] = []

beforeEach(async () => {
  server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (data) => {
      heard.push(String(data))
      socket.write(`echo ${data}`)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  proxy = await TcpProxy.to({ host: '127.0.0.1', port: (server.address() as AddressInfo).port })
})

afterEach(async () => {
  await proxy.close()
  await proxy.close()
  server.close()
  await once(server, 'close')
})

async function open(): Promise<Socket> {
  const socket = connect(proxy.port, '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

async function say(socket: Socket, text: string): Promise<string> {
  socket.write(text)
  const [answer] = await once(socket, 'data')
  return String(answer)
}

it('passes on what both sides say', async () => {
  expect(await say(await open(), 'one')).toBe('echo one')
})

it('breaks what is open and refuses what is new, until it is restored on the same port', async () => {
  const socket = await open()
  await say(socket, 'before')
  const closed = once(socket, 'close')
  await proxy.break()
  await closed
  await expect(open()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  await proxy.restore()
  expect(await say(await open(), 'after')).toBe('echo after')
})

it('cuts what is open and takes what is new', async () => {
  const socket = await open()
  await say(socket, 'before')
  const closed = once(socket, 'close')
  proxy.cut()
  await closed
  expect(await say(await open(), 'after')).toBe('echo after')
})

it('stalls: the server hears, its answers are kept back, and restoring cuts', async () => {
  const socket = await open()
  await say(socket, 'before')
  await proxy.stall()
  let answers = 0
  socket.on('data', () => answers++)
  const asked = heard.length
  socket.write('into the void')
  await expect.poll(() => heard.length).toBe(asked + 1)
  const closed = once(socket, 'close')
  await proxy.restore()
  await closed
  expect(answers).toBe(0)
})
