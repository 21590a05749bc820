import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/**
 * Sockets in a process of their own, as light as can be, so that the server is measured: they speak just enough of WebSocket and
 * socket.io to be let in, and look for the last change in what comes. Says `ready` when all are in, `done` when all have got it.
 */
const [port = '', count = '1'] = process.argv.slice(2)
const size = Number(count)
const lastChange = 'the-last-change'

const handshake = [
  'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
  'Host: 127.0.0.1',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==',
  '\r\n',
].join('\r\n')

/** A frame as clients have to send it, with a mask of zeros. */
function frame(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)])
}

async function connected(user: number): Promise<Socket> {
  const socket = connect({ port: Number(port), host: '127.0.0.1' })
  socket.write(handshake)
  let received = ''
  for (const expected of ['"sid"', '"connected"']) {
    while (!received.includes(expected)) received += String((await once(socket, 'data'))[0])
    if (expected === '"sid"') socket.write(frame(`40{"token":"${user}"}`))
  }
  return socket
}

const sockets: Socket[] = []
for (let user = 0; user < size; user++) sockets.push(await connected(user))

let finished = 0
for (const socket of sockets) {
  let tail = ''
  let found = 0
  socket.on('data', (chunk: Buffer) => {
    // The last change comes as two events, at the end of what a chunk may hold.
    const text = tail + chunk.toString('latin1', Math.max(0, chunk.length - 4_096))
    found += text.split(lastChange).length - 1
    tail = text.slice(-(lastChange.length - 1))
    if (found < 2) return
    found = 0
    finished++
    if (finished % size === 0) process.send?.('done')
  })
}
process.send?.('ready')
process.on('disconnect', () => process.exit(0))
