import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { withLock } from '../src/lock.js'
import { identityOf } from '../src/process-identity.js'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eds-lock-'))
})

afterEach(() => rm(folder, { recursive: true }))

test('no two holders are inside at once', async () => {
  const counter = join(folder, 'counter')
  await writeFile(counter, '0')
  const increments = Array.from({ length: 20 }, () =>
    withLock(join(folder, 'lock'), 60_000, async () => {
      const value = Number(await readFile(counter, 'utf8'))
      await writeFile(counter, String(value + 1))
    }),
  )
  await Promise.all(increments)
  expect(await readFile(counter, 'utf8')).toBe('20')
})

test('the lock is free again after work that failed', async () => {
  const failing = withLock(join(folder, 'lock'), 1_000, () => Promise.reject(new Error('broken work')))
  await expect(failing).rejects.toThrow('broken work')
  expect(await withLock(join(folder, 'lock'), 1_000, async () => 'done')).toBe('done')
})

test('a holder that was killed is taken over, by one only', async () => {
  const holder = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  await once(holder, 'spawn')
  const lock = join(folder, 'lock')
  await mkdir(lock)
  await writeFile(join(lock, 'ticket-7'), JSON.stringify(identityOf(holder.pid!)))
  await expect(withLock(lock, 100, async () => 'too early')).rejects.toThrow(`another process (${holder.pid})`)

  holder.kill('SIGKILL')
  await once(holder, 'exit')
  let inside = 0
  const most = await Promise.all(
    Array.from({ length: 10 }, () =>
      withLock(lock, 60_000, async () => {
        inside += 1
        await new Promise(setImmediate)
        return inside--
      }),
    ),
  )
  expect(most).toEqual(Array(10).fill(1))
})

test('a process of the same number as a dead holder does not keep the lock', async () => {
  const lock = join(folder, 'lock')
  await mkdir(lock)
  await writeFile(join(lock, 'ticket-1'), JSON.stringify({ pid: process.pid, started: 'before the last boot' }))
  expect(await withLock(lock, 1_000, async () => 'done')).toBe('done')
})
