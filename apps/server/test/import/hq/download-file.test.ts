import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { EdsError } from '@eds/core'
import type { Download } from '@eds/hq'
import { describe, expect, it } from 'vitest'
import { downloadFile } from '../../../src/import/hq/download-file.js'
import { temporaryFolder } from '../../eds.js'

async function* pieces(...texts: string[]) {
  for (const text of texts) yield Buffer.from(text)
}

async function* breaksOff(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
  throw new EdsError('connection', 'broke off')
}

/** Downloads a file, the server answering one thing after the other. */
async function download(answers: (Download | EdsError)[], folder = temporaryFolder()) {
  const urls: string[] = []
  const waits: number[] = []
  const result = downloadFile('first', join(folder, 'file'), {
    api: {
      download: async (url) => {
        urls.push(url)
        const answer = answers.shift()
        if (!answer || answer instanceof EdsError) throw answer ?? new Error('asked too often')
        return answer
      },
    },
    clock: { now: () => 0, sleep: async (ms) => void waits.push(ms) },
    signal: new AbortController().signal,
    freshUrl: async () => `fresh ${urls.length}`,
  }).then(
    () => 'done',
    (error: Error) => error.message,
  )
  return { result: await result, urls, waits, files: () => readdirSync(folder), folder }
}

describe('downloadFile', () => {
  it('writes what comes', async () => {
    const { result, folder, files } = await download([{ size: 6, body: pieces('abc', 'def') }])
    expect(result).toBe('done')
    expect(files()).toEqual(['file'])
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('abcdef')
  })

  it('begins anew when it breaks off or comes short, waiting longer and longer', async () => {
    const answers = [{ body: breaksOff('ab') }, { size: 6, body: pieces('abc') }, { size: 6, body: pieces('abcdef') }]
    const { result, urls, waits, folder, files } = await download(answers)
    expect(result).toBe('done')
    expect(urls).toEqual(['first', 'first', 'first'])
    expect(waits).toEqual([500, 1_000])
    expect(files()).toEqual(['file'])
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('abcdef')
  })

  it('asks for another URL when one is refused', async () => {
    const refused = [new EdsError('authentication', '403'), new EdsError('configuration', '404')]
    const { result, urls, waits } = await download([...refused, { body: pieces('abc') }])
    expect(result).toBe('done')
    expect(urls).toEqual(['first', 'fresh 1', 'fresh 2'])
    expect(waits).toEqual([])
  })

  it('gives up after a few attempts, and leaves nothing behind', async () => {
    const { result, urls, files } = await download(Array.from({ length: 9 }, () => ({ body: breaksOff('ab') })))
    expect(result).toBe('broke off')
    expect(urls).toHaveLength(5)
    expect(files()).toEqual([])
  })

  it('does not repeat what the disk refuses', async () => {
    const { result, urls } = await download([{ body: pieces('a') }], join(temporaryFolder(), 'missing'))
    expect(result).toContain('ENOENT')
    expect(urls).toHaveLength(1)
  })
})
