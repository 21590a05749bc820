import { EdsError, type ErrorCode, isEdsError } from '@eds/core'
import type { JetStreamManager, KV } from 'nats'

export interface NatsEntriesOptions {
  readonly kv: KV
  readonly manager: JetStreamManager
  readonly bucket: string
  /** An entry holds no more; what is longer takes several. */
  readonly maxBytes: number
}

export interface TextEntry {
  readonly key: string
  readonly text: string
}

/** Requests under way at a time. */
const concurrency = 64

/** Begins an entry that is the whole text, or one that says how many further entries hold it. */
const wholeMark = 'T'
const partsMark = 'P'

/** Texts of any length in a key-value bucket. */
export class NatsEntries {
  readonly #options: NatsEntriesOptions

  constructor(options: NatsEntriesOptions) {
    this.#options = options
  }

  async putAll(entries: readonly TextEntry[]): Promise<void> {
    await side(entries, (entry) => this.#put(entry))
  }

  async getAll(keys: readonly string[]): Promise<(string | undefined)[]> {
    return side(keys, (key) => this.#get(key))
  }

  /** Purges the entries' messages, so that not even a mark of their deletion stays. */
  async removeAll(keys: readonly string[]): Promise<void> {
    const { manager, bucket } = this.#options
    await side(keys, async (key) => {
      await manager.streams.purge(`KV_${bucket}`, { filter: `$KV.${bucket}.${key}` })
      await manager.streams.purge(`KV_${bucket}`, { filter: `$KV.${bucket}.${key}.*` })
    })
  }

  /** Resolves with `undefined` when the entry's revision is another one than expected (0: not there). */
  async replace(key: string, text: string, expected: number): Promise<number | undefined> {
    const { kv, maxBytes } = this.#options
    const bytes = Buffer.from(text)
    if (bytes.length > maxBytes) {
      throw new EdsError('configuration', `the state of the synchronisation has ${bytes.length} bytes`, {
        fix: `an entry takes ${maxBytes}: have smaller minNbOfOccurrence, or discard messages that were put aside`,
      })
    }
    try {
      return await kv.put(key, bytes, { previousSeq: expected })
    } catch (error) {
      if (isWrongRevision(error)) return undefined
      throw error
    }
  }

  async #put({ key, text }: TextEntry): Promise<void> {
    const { kv, maxBytes } = this.#options
    const bytes = Buffer.from(text)
    if (bytes.length < maxBytes) {
      await kv.put(key, Buffer.concat([Buffer.from(wholeMark), bytes]))
      return
    }
    const count = Math.ceil(bytes.length / maxBytes)
    for (let part = 0; part < count; part++) {
      await kv.put(`${key}.${part}`, bytes.subarray(part * maxBytes, (part + 1) * maxBytes))
    }
    await kv.put(key, `${partsMark}${count}`)
  }

  async #get(key: string): Promise<string | undefined> {
    const { kv } = this.#options
    const text = (await kv.get(key))?.string()
    if (text === undefined || text.startsWith(wholeMark)) return text?.slice(1)
    const keys = Array.from({ length: Number(text.slice(1)) }, (_, part) => `${key}.${part}`)
    const parts: Uint8Array[] = []
    for (const partKey of keys) {
      const part = await kv.get(partKey)
      if (part === null) return undefined
      parts.push(part.value)
    }
    return Buffer.concat(parts).toString()
  }
}

/** Work on each item, so many at a time; the results in the items' order. */
async function side<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  for (let start = 0; start < items.length; start += concurrency) {
    results.push(...(await Promise.all(items.slice(start, start + concurrency).map(work))))
  }
  return results
}

/** https://github.com/nats-io/nats-server/blob/main/server/errors.json */
const wrongLastSequence = 10_071

function isWrongRevision(error: unknown): boolean {
  return apiErrorOf(error)?.err_code === wrongLastSequence
}

interface NatsErrorParts {
  readonly code?: string
  readonly api_error?: { readonly err_code?: number; readonly code?: number }
}

function apiErrorOf(error: unknown): NatsErrorParts['api_error'] {
  return typeof error === 'object' && error !== null ? (error as NatsErrorParts).api_error : undefined
}

const codes: Readonly<Record<string, ErrorCode>> = {
  TIMEOUT: 'timeout',
  AUTHORIZATION_VIOLATION: 'authentication',
  PERMISSIONS_VIOLATION: 'authentication',
}

/** Whatever the client threw, with a code that says what to do about it: all else is trouble with the connection. */
export function natsFailure(error: unknown, where: string): EdsError {
  if (isEdsError(error)) return error
  const message = error instanceof Error ? error.message : String(error)
  const name = typeof error === 'object' && error !== null ? (error as NatsErrorParts).code : undefined
  return new EdsError(codes[name ?? ''] ?? 'connection', `${where}: ${message}`, { cause: error })
}
