import { gunzipSync } from 'node:zlib'
import { msgpackToJson } from './msgpack.js'

/** A message's content as the pipeline wants it. */
export interface Payload {
  /** JSON text in UTF-8, or what came when there is a defect. */
  readonly bytes: Uint8Array
  /** Why it could not be unpacked. */
  readonly defect?: string
}

/**
 * Undoes a message's `content-encoding`: `gzip/json` (or `gzip`), `msgpack`, `json` or none.
 *
 * @param maxBytes what gzip may at most grow to: a few kilobytes can hold gigabytes
 */
export function unpackPayload(data: Uint8Array, encoding: string, maxBytes: number): Payload {
  if (encoding === '') return { bytes: data }
  try {
    switch (encoding.toLowerCase()) {
      case 'json':
      case 'identity':
        return { bytes: data }
      case 'gzip/json':
      case 'gzip':
        return { bytes: gunzipSync(data, { maxOutputLength: maxBytes }) }
      case 'msgpack':
        return { bytes: Buffer.from(msgpackToJson(data)) }
      default:
        return { bytes: data, defect: `unknown content-encoding "${encoding}"` }
    }
  } catch (error) {
    return { bytes: data, defect: `cannot unpack ${encoding}: ${reasonOf(error, maxBytes)}` }
  }
}

function reasonOf(error: unknown, maxBytes: number): string {
  if (!(error instanceof Error)) return String(error)
  const { code } = error as NodeJS.ErrnoException
  return code === 'ERR_BUFFER_TOO_LARGE' ? `it is larger than ${maxBytes} bytes` : error.message
}
