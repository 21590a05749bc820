import { type EventBatch, type WriteResult, written } from '@eds/core'
import type { S3Config } from './config.js'
import { planFiles } from './encode.js'
import type { EventWriter } from './event-writer.js'
import { ndjsonChunks } from './ndjson.js'
import type { ObjectStore } from './object-store.js'
import { runLimited } from './run-limited.js'
import { upload } from './upload.js'

/** `format=ndjson`: gzip-compressed lines. */
export class LineFiles implements EventWriter {
  readonly #config: S3Config

  constructor(config: S3Config) {
    this.#config = config
  }

  async write(store: ObjectStore, { events, first, last }: EventBatch, signal: AbortSignal): Promise<WriteResult> {
    const { prefix, uploadTasks } = this.#config
    const { files, failures } = planFiles(events, { prefix, ending: '.ndjson.gz', first, last, byVersion: false })
    await runLimited(files, uploadTasks, ({ key, events }) =>
      upload(store, { key, contentType: 'application/gzip' }, ndjsonChunks(events), signal),
    )
    return failures.length === 0 ? written : { failures }
  }
}
