import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { EdsProcess } from './eds-process.js'
import { type HqWorld, hqWorld } from './hq-world.js'
import { noteEvent } from './note-table.js'

/** An enrolled server that delivers to the database from the beginning of the stream. */
export async function delivering(postgresUrl: string, words: readonly string[] = []) {
  const world = await hqWorld(postgresUrl)
  await world.enroll()
  const server = world.serve(['--url', world.url, '--restart', ...words])
  let count = 0
  const publish = async (events: number) => {
    const [companyId = ''] = world.sim.companies
    const ids = Array.from({ length: events }, () => `n${++count}`)
    await world.sim.publishEvents(ids.map((id) => noteEvent({ companyId, row: { id, title: id } })))
  }
  const delivered = () => expect.poll(() => world.database.count('note')).toBe(count)
  await publish(10)
  await delivered()
  return { world, server, publish, delivered }
}

/** The process that delivers; `undefined` while there is none. */
export function workerOf({ cwd }: HqWorld, { child }: EdsProcess): number | undefined {
  const path = join(cwd, 'data/control.json')
  if (!existsSync(path)) return undefined
  const { pid } = JSON.parse(readFileSync(path, 'utf8'))
  return pid === child.pid ? undefined : pid
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

export async function stopped({ child, ended }: EdsProcess): Promise<void> {
  child.kill('SIGTERM')
  expect(await ended).toEqual({ code: 0, signal: null })
}
