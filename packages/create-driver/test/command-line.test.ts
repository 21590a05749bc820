import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { finished } from 'node:stream/promises'
import { run } from '@eds/create-driver'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eds-create-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** Runs the command; `typed` are the answers of somebody at a terminal. */
async function create(words: readonly string[], typed?: readonly string[]) {
  const input = Object.assign(new PassThrough(), { isTTY: typed !== undefined })
  const output = new PassThrough()
  const answers = [...(typed ?? [])]
  let said = ''
  // A terminal answers when it is asked: lines that come earlier would be lost.
  output.on('data', (data) => {
    said += String(data)
    if (String(data).endsWith(': ')) input.write(`${answers.shift() ?? ''}\n`)
  })
  const code = await run(words, { input, output, workingDirectory: folder })
  output.end()
  await finished(output)
  return { code, said, unasked: answers }
}

async function manifest(directory: string) {
  return JSON.parse(await readFile(join(folder, directory, 'package.json'), 'utf8'))
}

describe('asking', () => {
  it('asks three questions and writes the package', async () => {
    const { code, said, unasked } = await create([], ['my-db', 'memory', 'mydb'])
    expect({ code, unasked }).toEqual({ code: 0, unasked: [] })
    expect(said).toContain('eds-driver-my-db: ')
    expect(said).toContain('cd my-db')
    expect(await manifest('my-db')).toMatchObject({ eds: { driver: '.', schemes: ['mydb'] } })
    expect(await readdir(join(folder, 'my-db', 'src'))).toContain('store.ts')
  })

  it('takes defaults for empty answers, and asks nothing that was said', async () => {
    const { code, said } = await create(['my-db'], ['', ''])
    expect(code).toBe(0)
    expect(said).not.toContain('Name of the driver')
    expect(said).toContain('URL scheme [my-db]')
    expect(await readdir(join(folder, 'my-db', 'src'))).toContain('store.ts')
  })

  it('has no default for a scheme that is taken', async () => {
    const { code, said } = await create(['kafka', '--kind', 'http'], [''])
    expect(code).toBe(1)
    expect(said).toContain('no answer to "URL scheme"')
    expect(await readdir(folder)).toEqual([])
  })
})

describe('without asking', () => {
  it.each([[['my-db', '--yes']], [['my-db']]])('%j takes the defaults', async (words) => {
    expect(await create(words)).toMatchObject({ code: 0 })
    expect(await manifest('my-db')).toMatchObject({ name: 'eds-driver-my-db', eds: { schemes: ['my-db'] } })
  })

  it('goes by the flags', async () => {
    const words = [
      '@acme/driver-lake',
      '--kind',
      'memory',
      '--scheme',
      'acme-lake',
      '--directory',
      'here/below',
      '--yes',
    ]
    expect(await create(words)).toMatchObject({ code: 0 })
    expect(await manifest('here/below')).toMatchObject({ name: '@acme/driver-lake', eds: { schemes: ['acme-lake'] } })
  })

  it('tells help and version', async () => {
    expect((await create(['--help'])).said).toContain('--scheme <scheme>')
    expect((await create(['--version'])).said).toMatch(/^\d+\.\d+\.\d+/)
    expect(await readdir(folder)).toEqual([])
  })
})

describe('refuses', () => {
  it.each([
    ['no name', ['--yes'], 'no answer to "Name of the driver'],
    ['a bad name', ['My Db', '--yes'], '"My Db" cannot name a driver'],
    ['a taken scheme', ['my-db', '--scheme', 's3', '--yes'], 'serves "s3://" already'],
    ['an unknown kind', ['my-db', '--kind', 'ftp'], '"ftp" is no kind of destination: choose one of memory, http'],
    ['two names', ['one', 'two'], 'one name at a time'],
    ['an unknown flag', ['my-db', '--what'], "Unknown option '--what'"],
  ])('%s', async (_, words, message) => {
    const { code, said } = await create(words)
    expect(code).toBe(1)
    expect(said).toContain(message)
    expect(await readdir(folder)).toEqual([])
  })

  it('a folder that holds something, and leaves it alone', async () => {
    await mkdir(join(folder, 'my-db'))
    await writeFile(join(folder, 'my-db', 'notes.txt'), 'mine')
    const { code, said } = await create(['my-db', '--yes'])
    expect(code).toBe(1)
    expect(said).toContain('my-db is not empty (it holds notes.txt): choose another name or --directory')
    expect(await readdir(join(folder, 'my-db'))).toEqual(['notes.txt'])
  })

  it('a file in the place of the folder', async () => {
    await writeFile(join(folder, 'my-db'), '')
    expect((await create(['my-db', '--yes'])).said).toContain('is a file')
  })

  it('but takes a folder with nothing but a repository in it', async () => {
    await mkdir(join(folder, 'my-db', '.git'), { recursive: true })
    expect(await create(['my-db', '--yes'])).toMatchObject({ code: 0 })
  })
})
