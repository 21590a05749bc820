import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openLmdbState } from '../src/index.js'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'eds-state-'))
})

afterEach(() => rm(directory, { recursive: true }))

function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url))
}

function startWriter(commits = 'inline'): ChildProcessByStdio<null, Readable, null> {
  const loader = ['--conditions=@eds/source', '--import', pathOf('../../../test-loader.mjs')]
  return spawn(process.execPath, [...loader, pathOf('fixtures/counting-writer.ts'), directory, commits], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

/** Reads what the writer prints until it has printed `numbers` more, kills it there, and returns the last number it printed. */
async function killAfter(writer: ChildProcessByStdio<null, Readable, null>, numbers: number): Promise<number> {
  let seen = 0
  let last = 0
  for await (const line of createInterface({ input: writer.stdout })) {
    last = Number(line)
    if (++seen === numbers) writer.kill('SIGKILL')
  }
  if (writer.exitCode === null && writer.signalCode === null) await once(writer, 'exit')
  return last
}

it.each(['inline', 'background'])(
  'keeps what was written, whole and in order, when its process is killed while it writes, commits %s',
  async (commits) => {
    let before = 0
    for (const numbers of [1, 50, 217]) {
      const printed = await killAfter(startWriter(commits), numbers)
      expect(printed).toBeGreaterThanOrEqual(before + numbers)
      const store = await openLmdbState({ directory })
      const place = store.namespace('place')
      const count = await place.get('count')
      expect(Number(count)).toBeGreaterThanOrEqual(printed)
      expect(await place.get('same')).toBe(count)
      expect(await place.get(`filler ${Number(count) % 20}`)).toBe(count?.repeat(1_000))
      before = Number(count)
      await store.close()
    }
  },
)

it('refuses the folder while another process has it, naming that process, and takes it over from a dead one', async () => {
  const writer = startWriter()
  await once(writer.stdout, 'data')
  await expect(openLmdbState({ directory })).rejects.toMatchObject({
    code: 'configuration',
    message: `the state store in ${directory} is open in process ${writer.pid}`,
    fix: 'stop it, or use another folder',
  })
  await killAfter(writer, 1)
  const store = await openLmdbState({ directory })
  await store.close()
})
