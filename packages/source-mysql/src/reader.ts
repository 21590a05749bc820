import { type Delivery, isEdsError, type OpenRequest, type SourceReader, toEdsError } from '@eds/core'
import type { Acknowledger } from './acknowledger.js'
import { giveSigns, lockCursor } from './cursor-lock.js'
import { Database } from './database.js'
import type { MysqlSettings } from './settings.js'

/** Chunks in order; made by the way of capturing. Ends when its signal aborts. */
export type Feed = (signal: AbortSignal) => AsyncIterable<readonly Delivery[]>

/** What a way of capturing makes of a session, from where the cursor stands. */
export interface Capture {
  readonly feed: Feed
  readonly acknowledger: Acknowledger
}

interface ReaderParts extends Capture {
  /** Gives connections back. Does not throw. */
  readonly release: () => Promise<void>
  readonly abort: AbortController
}

/** Takes the cursor, and reads what `begin` makes of it. The session is the reader's until it is closed. */
export async function openReader(
  { cursor, signal }: OpenRequest,
  settings: MysqlSettings,
  begin: (database: Database) => Promise<Capture>,
): Promise<SourceReader> {
  const abort = new AbortController()
  const stop = () => abort.abort()
  const database = await Database.open(settings, signal)
  let endSigns = () => {}
  const release = async () => {
    signal.removeEventListener('abort', stop)
    endSigns()
    await database.close()
  }
  try {
    await lockCursor(database, cursor, settings, settings.takeoverMs)
    endSigns = await giveSigns(database)
    const capture = await begin(database)
    signal.addEventListener('abort', stop, { once: true })
    return new CaptureReader({ ...capture, release, abort })
  } catch (error) {
    await release()
    throw error
  }
}

/** One cursor's reader, whichever way the changes are captured. */
class CaptureReader implements SourceReader {
  readonly #parts: ReaderParts
  #closing: Promise<void> | undefined

  constructor(parts: ReaderParts) {
    this.#parts = parts
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly Delivery[], undefined> {
    const { feed, abort } = this.#parts
    try {
      for await (const chunk of feed(abort.signal)) {
        if (abort.signal.aborted) return
        yield chunk
      }
    } catch (error) {
      if (!abort.signal.aborted) throw isEdsError(error) ? error : toEdsError(error)
    }
  }

  acknowledge({ position }: Delivery): Promise<void> {
    return this.#parts.acknowledger.acknowledge(position)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const { acknowledger, release, abort } = this.#parts
    await acknowledger.close()
    abort.abort()
    await release()
  }
}
