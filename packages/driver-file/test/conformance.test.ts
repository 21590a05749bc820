import { chmod, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testDriver } from '@eds/testkit'
import { afterAll } from 'vitest'
import file from '../src/index.js'
import { encodeName } from '../src/names.js'

const folder = await mkdtemp(join(tmpdir(), 'eds-file-'))
afterAll(() => rm(folder, { recursive: true }))

async function* filesBelow(directory: string): AsyncGenerator<string> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  for (const path of paths) yield await readFile(path, 'utf8')
}

async function* linesBelow(directory: string): AsyncGenerator<string> {
  for await (const text of filesBelow(directory)) yield* text.split('\n').slice(0, -1)
}

/** A directory in which nothing may be made. The superuser may write everywhere, so there is none for it. */
async function lockedUrl(): Promise<string> {
  const locked = join(folder, 'locked')
  await mkdir(locked, { recursive: true })
  await chmod(locked, 0o500)
  return `file://${join(locked, 'inside')}`
}

/** Runs the suite with a folder of its own for each case, so that reading back does not read what other cases wrote. */
function testFormat(title: string, parameters: string, read: (directory: string) => AsyncIterable<string>): void {
  let directory = ''
  let cases = 0
  testDriver({
    title,
    definition: file,
    url: () => {
      directory = join(folder, title, `${cases++}`)
      return `file://${directory}${parameters}`
    },
    readEvents: () => read(directory),
    drop: (table) => rm(join(directory, encodeName(table)), { recursive: true }),
    ...(process.getuid?.() === 0 ? {} : { wrongUrl: lockedUrl }),
  })
}

testFormat('file', '', filesBelow)
testFormat('file-ndjson', '?format=ndjson', linesBelow)
