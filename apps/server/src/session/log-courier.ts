import { createReadStream, createWriteStream, openAsBlob } from 'node:fs'
import { rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { HqApi } from '@eds/hq'

/** Sends the log to HQ. */
export class LogCourier {
  readonly #api: Pick<HqApi, 'uploadLog'>
  readonly #rotate: () => string | undefined

  /** @param rotate - begins a new log file and gives the complete one */
  constructor(api: Pick<HqApi, 'uploadLog'>, rotate: () => string | undefined) {
    this.#api = api
    this.#rotate = rotate
  }

  /**
   * Begins a new log file and uploads the complete one, gzipped.
   *
   * @param url - presigned, a secret
   * @returns where HQ finds it, without what makes the URL a secret; `undefined` when there is no log
   */
  async send(url: string, signal?: AbortSignal): Promise<string | undefined> {
    const path = this.#rotate()
    if (path === undefined) return undefined
    const packed = `${path}.gz`
    try {
      await pipeline(createReadStream(path), createGzip(), createWriteStream(packed, { mode: 0o600 }))
      await this.#api.uploadLog(url, await openAsBlob(packed), signal)
    } finally {
      await rm(packed, { force: true })
    }
    return new URL(url).pathname
  }
}
