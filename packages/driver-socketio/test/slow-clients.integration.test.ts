import { connect, type Socket as TcpSocket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { recorded, Stage, settled } from './stage.js'

let stage: Stage
let frozen: TcpSocket | undefined

afterEach(async () => {
  frozen?.destroy()
  await stage.close()
})

/** A client that is let in over a WebSocket of its own making and then reads nothing more. */
async function frozenClient(token: string): Promise<TcpSocket> {
  const port = Number(new URL(stage.url).port)
  const socket = connect({ port, host: '127.0.0.1' })
  socket.write(
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n',
  )
  let received = ''
  for (const expected of ['"sid"', '"connected"']) {
    while (!received.includes(expected)) {
      received += await new Promise<string>((resolve) =>
        socket.once('data', (chunk) => resolve(chunk.toString('latin1'))),
      )
    }
    if (expected === '"sid"') socket.write(maskedText(`40${JSON.stringify({ token })}`))
  }
  socket.pause()
  return socket
}

/** A WebSocket frame as clients have to send it, with a mask of zeros. */
function maskedText(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)])
}

const row = (id: number) => ({ after: { id, text: 'x'.repeat(50_000) } })
const ids = (all: [string, { data?: unknown }][]) =>
  all.filter(([name]) => name === 'orders').map(([, { data }]) => (data as { id: number }).id)

describe.each(['drop', 'skip'])('a client that never reads, with the policy %s', (slowClients) => {
  it('holds up nobody and takes no more memory than it may', async () => {
    stage = await Stage.open({ routing: { orders: '*' }, slowClients, maxBufferBytes: 200_000, replayBytes: 0 })
    const healthy = await stage.connected('token-1')
    await stage.connected('token-2')
    const got = recorded(healthy)
    frozen = await frozenClient('token-3')
    const all = Array.from({ length: 400 }, (_, id) => id)
    for (const id of all) {
      await stage.write(row(id))
      await settled(stage, healthy, '1')
    }
    expect(ids(got)).toEqual(all)
    expect(stage.lines.filter((line) => line.includes('do not keep up'))).toEqual([
      expect.stringContaining(`"clients":1,"policy":"${slowClients}"`),
    ])
    expect(await stage.socketio.receivers('3')).toBe(0)
    expect(await stage.socketio.receivers('*')).toBe(2)
  })
})

it('a client that skipped gets changes again once it has caught up', async () => {
  stage = await Stage.open({ routing: { orders: '*' }, slowClients: 'skip', maxBufferBytes: 200_000 })
  const healthy = await stage.connected('token-1')
  await stage.connected('token-2')
  frozen = await frozenClient('token-3')
  while ((await stage.socketio.receivers('3')) === 1) {
    await stage.write(row(1))
    await settled(stage, healthy, '1')
  }
  frozen.resume()
  while ((await stage.socketio.receivers('3')) === 0) await settled(stage, healthy, '1')
  const tail = new Promise<void>((resolve) => {
    let received = ''
    frozen?.on('data', (chunk) => {
      received = (received + chunk.toString('latin1')).slice(-200_000)
      if (received.includes('"id":4711')) resolve()
    })
  })
  await stage.write({ after: { id: 4711 } })
  await tail
})

it('clients that are all slower than the changes slow the delivery down instead', async () => {
  stage = await Stage.open({ routing: { orders: '*' }, maxBufferBytes: 400_000 })
  const client = await stage.connected('token-1')
  const got = recorded(client)
  const all = Array.from({ length: 300 }, (_, id) => id)
  for (const id of all) await stage.write(row(id))
  await settled(stage, client, '1')
  expect(ids(got)).toEqual(all)
  expect(stage.lines).toEqual([])
})
