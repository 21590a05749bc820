import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Clock, EdsError, type ErrorCode, toEdsError } from '@eds/core'
import type { HqApi } from '@eds/hq'

export interface Downloading {
  readonly api: Pick<HqApi, 'download'>
  readonly clock: Clock
  readonly signal: AbortSignal
  /** A URL for the same file that is good now. */
  readonly freshUrl: () => Promise<string>
  /** Told before another attempt. */
  readonly onRetry?: (error: EdsError) => void
  /** Told how much has come of how much; begins anew with each attempt. */
  readonly onProgress?: (bytes: number, size: number | undefined) => void
}

const maxAttempts = 5
const firstWaitMs = 500
const refusals: ReadonlySet<ErrorCode> = new Set(['authentication', 'configuration'])

/**
 * Downloads a file, which is there whole afterwards, on the disk, or not at all. What breaks off is begun anew a few times, and where
 * the URL is refused, as it is once it has expired, another one is asked for.
 *
 * The length is checked here; what the bytes are, gzip's checksum says when they are read. An ETag says nothing: it is the files'
 * MD5 only under some ways of storing them. https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
 *
 * @throws EdsError of the last attempt
 */
export async function downloadFile(url: string, path: string, downloading: Downloading): Promise<void> {
  const { clock, signal, freshUrl, onRetry } = downloading
  let current = url
  for (let attempt = 1; ; attempt++) {
    try {
      return await downloadOnce(current, path, downloading)
    } catch (thrown) {
      const error = toEdsError(thrown)
      if (attempt === maxAttempts || signal.aborted || isLocal(thrown)) throw error
      onRetry?.(error)
      if (refusals.has(error.code)) current = await freshUrl()
      else await clock.sleep(error.retryAfterMs ?? firstWaitMs * 2 ** (attempt - 1), signal)
    }
  }
}

async function downloadOnce(url: string, path: string, { api, signal, onProgress }: Downloading): Promise<void> {
  const temporary = `${path}.part`
  const { size, body } = await api.download(url, signal)
  let bytes = 0
  const counted = async function* () {
    for await (const chunk of body) {
      bytes += chunk.length
      onProgress?.(bytes, size)
      yield chunk
    }
  }
  try {
    await pipeline(Readable.from(counted()), createWriteStream(temporary, { mode: 0o600, flush: true }))
    if (size !== undefined && size !== bytes) {
      throw new EdsError('connection', `${bytes} of ${size} bytes came`)
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** No space, no right: the disk's errors, which trying again does not help. */
function isLocal(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && !(error instanceof EdsError)
}
