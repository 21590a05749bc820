import { createServer } from 'node:net'
import { type PrivateServer, startNats, startPostgres } from '@eds/tool-services'
import pg from 'pg'
import type { Addresses } from './substitute.js'

/** The servers that pages are tried with, apart from those of other tests. */
export interface PageServers {
  /** What a page has for its own: an empty stream server, an empty database, a free port. */
  forPage(folder: string): Promise<{ readonly addresses: Addresses; end(): Promise<void> }>
  remove(): Promise<void>
}

/** Starts PostgreSQL, once for all pages; each page has a NATS server and a database of its own. */
export async function startPageServers(): Promise<PageServers> {
  const postgres = await startPostgres()
  let count = 0
  return {
    forPage: async (folder) => {
      count += 1
      const [nats, port, database] = await Promise.all([
        startNats(),
        freePort(),
        makeDatabase(postgres, `page_${count}`),
      ])
      return { addresses: { nats: nats.url, postgres: database, port, folder }, end: () => nats.remove() }
    },
    remove: () => postgres.remove(),
  }
}

async function makeDatabase({ url }: PrivateServer, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(`CREATE DATABASE ${name}`)
  } finally {
    await client.end()
  }
  return url.replace(/\/postgres$/, `/${name}`)
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port is free')
  return address.port
}
