import type { ConnectionProbe, ProbeReport } from '@eds/core'
import type { S3Config } from './config.js'
import { ObjectStore } from './object-store.js'

/**
 * Looks whether objects can be written, without writing one: begins an upload in parts and takes it back. That needs the same rights,
 * and nobody who watches the bucket sees it.
 */
export class Probe implements ConnectionProbe {
  readonly #config: S3Config

  constructor(config: S3Config) {
    this.#config = config
  }

  async test(signal: AbortSignal): Promise<ProbeReport> {
    const { bucket, prefix, region, endpoint, format } = this.#config
    const store = await ObjectStore.open(this.#config)
    try {
      await store.check(signal)
      const key = `${prefix === '' ? '' : `${prefix}/`}eds-connection-test`
      const begun = await store.beginMultipart({ key, contentType: 'application/json' }, signal)
      await begun.abort()
      const where = endpoint ?? `AWS ${region}`
      return { summary: `bucket "${bucket}" at ${where} can be written below "${prefix}/", ${format}`, warnings: [] }
    } finally {
      store.close()
    }
  }
}
