import { randomUUID } from 'node:crypto'
import { requireService } from '@eds/tool-services/vitest'
import { createPool } from 'mysql2/promise'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { once, Stage } from './stage.js'

const name = `auth ${randomUUID().slice(0, 8)}`
const rows = [
  [11, 'good-token'],
  [12, 'quote\'";--'],
  [13, 'Case'],
  [14, 'twice'],
  [15, 'twice'],
  [16, '0'],
]
const answers: [token: string, userId: number | undefined][] = [
  ['good-token', 11],
  ['quote\'";--', 12],
  ['Case', 13],
  ['case', undefined],
  ['twice', undefined],
  ['unknown', undefined],
  ["' OR ''='", undefined],
  ['good-token ', undefined],
  ['nul\u0000', undefined],
]

async function answer(config: Record<string, unknown>, token: string): Promise<unknown> {
  const stage = await Stage.open({ authTable: name, authColumn: 'the token', ...config }, {})
  try {
    const client = stage.client(token)
    const [message] = await Promise.race([once(client, 'connected'), once(client, 'error')])
    expect(stage.lines.join()).not.toContain(token)
    return (message as { userId?: unknown; code: number }).userId ?? (message as { code: number }).code
  } finally {
    await stage.close()
  }
}

const postgres = await requireService('postgres')

postgres.describe('tokens in PostgreSQL', () => {
  const pool = new pg.Pool({ connectionString: postgres.url, max: 1 })

  beforeAll(async () => {
    await pool.query(`CREATE TABLE "${name}" (id integer, "the token" text, numeric_token integer, uuid_token uuid)`)
    for (const row of rows) await pool.query(`INSERT INTO "${name}" VALUES ($1, $2, 7, gen_random_uuid())`, row)
  })
  afterAll(async () => {
    await pool.query(`DROP TABLE "${name}"`)
    await pool.end()
  })

  it.each(answers)('%j is user %j', async (token, userId) => {
    expect(await answer({ authUrl: postgres.url }, token)).toBe(userId ?? 401)
  })

  it.each(['numeric_token', 'uuid_token'])('what is no value of the column %s is nobody', async (authColumn) => {
    expect(await answer({ authUrl: postgres.url, authColumn }, 'no such value')).toBe(401)
  })

  it('a schema can be named', async () => {
    expect(await answer({ authUrl: postgres.url, authTable: `public.${name}` }, 'good-token')).toBe(11)
  })

  it.each([{ authTable: 'no such table' }, { authColumn: 'nothing' }, { authIdColumn: 'nothing' }])(
    '%j is said when starting',
    async (config) => {
      await expect(answer({ authUrl: postgres.url, ...config }, 'x')).rejects.toMatchObject({ code: 'configuration' })
    },
  )

  it('a wrong password is said when starting, without the password', async () => {
    const authUrl = postgres.url.replace(/:[^:@/]+@/, ':wr0ng-passw0rd@')
    const error: unknown = await answer({ authUrl }, 'x').catch((thrown: unknown) => thrown)
    // A server that trusts everybody on loopback lets it pass.
    if (error === 401) return
    expect(error).toMatchObject({ code: 'authentication' })
    expect(String((error as Error).message)).not.toContain('wr0ng-passw0rd')
  })

  it('no server is said when starting, as something that may pass', async () => {
    await expect(answer({ authUrl: 'postgres://eds:x@127.0.0.1:1/eds' }, 'x')).rejects.toMatchObject({
      code: 'connection',
    })
  })
})

const mariadb = await requireService('mariadb')

mariadb.describe('tokens in MariaDB', () => {
  const pool = createPool({ uri: mariadb.url, connectionLimit: 1 })

  beforeAll(async () => {
    await pool.query(`CREATE TABLE \`${name}\` (id integer, \`the token\` varchar(100), numeric_token integer)`)
    for (const row of rows) await pool.execute(`INSERT INTO \`${name}\` VALUES (?, ?, 0)`, row)
  })
  afterAll(async () => {
    await pool.query(`DROP TABLE \`${name}\``)
    await pool.end()
  })

  it.each(answers)('%j is user %j', async (token, userId) => {
    expect(await answer({ authUrl: mariadb.url }, token)).toBe(userId ?? 401)
  })

  it('text is not taken for the number 0', async () => {
    expect(await answer({ authUrl: mariadb.url, authColumn: 'numeric_token' }, 'any text')).toBe(401)
  })

  it('a table that is not there is said when starting', async () => {
    await expect(answer({ authUrl: mariadb.url, authTable: 'none' }, 'x')).rejects.toMatchObject({
      code: 'configuration',
    })
  })
})
