import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testStateStore } from '@eds/testkit'
import { afterAll, describe, expect, it } from 'vitest'
import { type LmdbState, openLmdbState } from '../src/index.js'

const folders: string[] = []

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'eds-state-'))
  folders.push(folder)
  return join(folder, 'made', 'here')
}

afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))))

for (const commits of ['inline', 'background'] as const) {
  testStateStore(`openLmdbState, commits ${commits}`, async () => {
    const directory = await newFolder()
    let store: LmdbState = await openLmdbState({ directory, commits })
    return {
      store,
      reopen: async () => {
        await store.close()
        store = await openLmdbState({ directory, commits })
        return store
      },
      close: () => store.close(),
    }
  })
}

describe('openLmdbState', () => {
  it('makes a folder that only its owner can enter', async () => {
    const directory = await newFolder()
    const store = await openLmdbState({ directory })
    expect((await stat(directory)).mode & 0o777).toBe(0o700)
    expect((await stat(join(directory, 'data.mdb'))).mode & 0o777).toBe(0o600)
    await store.close()
  })

  it('refuses a second opener in the same process and leaves the first one working', async () => {
    const directory = await newFolder()
    const store = await openLmdbState({ directory })
    await expect(openLmdbState({ directory })).rejects.toMatchObject({
      code: 'configuration',
      message: `the state store in ${directory} is open in this process`,
    })
    await store.write({ key: 'value' })
    expect(await store.get('key')).toBe('value')
    await store.close()
    const again = await openLmdbState({ directory })
    expect(await again.get('key')).toBe('value')
    await again.close()
  })

  it('refuses a file that is no store, naming it', async () => {
    const directory = await newFolder()
    await (await openLmdbState({ directory })).close()
    await writeFile(join(directory, 'data.mdb'), 'something else, longer than the header of a page')
    await expect(openLmdbState({ directory })).rejects.toMatchObject({
      code: 'configuration',
      message: `${join(directory, 'data.mdb')} is not a state store, or is damaged`,
    })
  })

  it('refuses a folder that cannot be one', async () => {
    const directory = await newFolder()
    const store = await openLmdbState({ directory })
    await expect(openLmdbState({ directory: join(directory, 'data.mdb') })).rejects.toMatchObject({
      code: 'configuration',
    })
    await store.close()
  })

  it('rejects everything after close, also a read that was under way', async () => {
    const store = await openLmdbState({ directory: await newFolder() })
    await store.write(Object.fromEntries(Array.from({ length: 600 }, (_, index) => [`${index}`, ''])))
    const entries = store.entries('')[Symbol.asyncIterator]()
    await entries.next()
    await Promise.all([store.close(), store.close()])
    const closed = { code: 'configuration', message: expect.stringContaining('is closed') }
    await expect(drain({ [Symbol.asyncIterator]: () => entries })).rejects.toMatchObject(closed)
    await expect(drain(store.entries(''))).rejects.toMatchObject(closed)
    await expect(store.get('0')).rejects.toMatchObject(closed)
    await expect(store.write({ key: 'value' })).rejects.toMatchObject(closed)
  })
})

async function drain(entries: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of entries);
}
