import { createServer } from 'node:net'

const lowest = 26_000
const highest = 32_000

/**
 * A free loopback port below the range that systems give to outgoing connections (Linux: from 32768). Above it, another
 * connection could take the port while the server restarts, or a reconnecting client could connect to itself.
 */
export async function freePort(random: () => number = Math.random): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = lowest + Math.floor(random() * (highest - lowest))
    if (await isFree(port)) return port
  }
  throw new Error(`no free port between ${lowest} and ${highest}`)
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.on('error', () => resolve(false))
    server.listen({ host: '127.0.0.1', port }, () => server.close(() => resolve(true)))
  })
}
