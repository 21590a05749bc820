import { type ChangeEvent, type EventBatch, isEdsError, type WriteFailure, type WriteResult, written } from '@eds/core'
import type { S3Config } from './config.js'
import { planRowObjects, type RowObject } from './encode.js'
import type { EventWriter } from './event-writer.js'
import type { ObjectStore } from './object-store.js'
import { runLimited } from './run-limited.js'

/** `format=json`: an object per row. An object is never written by two uploads at a time. */
export class RowObjects implements EventWriter {
  readonly #config: S3Config

  constructor(config: S3Config) {
    this.#config = config
  }

  async write(store: ObjectStore, { events }: EventBatch, signal: AbortSignal): Promise<WriteResult> {
    const { objects, failures: refused } = planRowObjects(this.#config.prefix, events)
    const failures = [...refused]
    await runLimited(objects, this.#config.uploadTasks, async (object) => {
      failures.push(...(await putLast(store, object, events, signal)))
    })
    return failures.length === 0 ? written : { failures: failures.sort((left, right) => left.index - right.index) }
  }
}

/** Uploads the last change of an object; when the store refuses that one for good, the one before it. */
async function putLast(
  store: ObjectStore,
  { key, indexes }: RowObject,
  events: readonly ChangeEvent[],
  signal: AbortSignal,
): Promise<WriteFailure[]> {
  const failures: WriteFailure[] = []
  for (const index of indexes.toReversed()) {
    const event = events[index]
    if (event === undefined) continue
    try {
      await store.put({ key, contentType: 'application/json' }, event.bytes, signal)
      return failures
    } catch (error) {
      if (!isEdsError(error) || error.code !== 'record') throw error
      failures.push({ index, error })
    }
  }
  return failures
}
