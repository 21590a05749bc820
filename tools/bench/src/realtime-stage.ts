import { createPipeline, type Source, sink } from '@eds/core'
import { createSocketio } from '@eds/driver-socketio'
import mysqlSource, { type CaptureMode as MysqlMode } from '@eds/source-mysql'
import postgresSource, { type CaptureMode as PostgresMode } from '@eds/source-postgres'
import mysql from 'mysql2/promise'
import pg from 'pg'

/** A database whose changes go to sockets. */
export interface RealtimeStage {
  readonly port: number
  /** Runs a statement and commits. */
  run(text: string): Promise<unknown>
  close(): Promise<void>
}

const createTable = 'CREATE TABLE bench_change (id INT PRIMARY KEY, note TEXT)'

export async function openPostgresStage(url: string, mode: PostgresMode, port: number): Promise<RealtimeStage> {
  const client = new pg.Client(url)
  await client.connect()
  await client.query(createTable)
  const source = postgresSource({ url, mode, tables: ['bench_change'] })
  const stop = await deliver(source, port)
  return {
    port,
    run: (text) => client.query(text),
    close: async () => {
      await stop()
      await source.remove()
      await client.query('DROP TABLE bench_change')
      await client.end()
    },
  }
}

export async function openMysqlStage(url: string, mode: MysqlMode, port: number): Promise<RealtimeStage> {
  const connection = await mysql.createConnection(url)
  await connection.query(createTable)
  const source = mysqlSource({ url, mode, tables: ['bench_change'] })
  const stop = await deliver(source, port)
  return {
    port,
    run: (text) => connection.query(text),
    close: async () => {
      await stop()
      await source.remove()
      await connection.query('DROP TABLE bench_change')
      await connection.end()
    },
  }
}

/** Resolves, once changes are captured and sockets let in, to what ends it. */
async function deliver(source: Source, port: number): Promise<() => Promise<void>> {
  const { definition } = createSocketio({ authenticate: async (token) => ({ userId: token }) })
  const target = { host: '127.0.0.1', port, routing: { bench_change: '*' } }
  const stop = new AbortController()
  let started = (): void => {}
  const isRunning = new Promise<void>((resolve) => {
    started = resolve
  })
  const onState = (_sink: string, state: string) => {
    if (state === 'running') started()
  }
  const pipeline = createPipeline({ source, sinks: [sink(definition, target)], metrics: { onState } })
  const run = pipeline.run({ signal: stop.signal })
  await Promise.race([isRunning, run])
  return async () => {
    stop.abort()
    await run
  }
}
