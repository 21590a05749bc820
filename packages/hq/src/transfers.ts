import { EdsError } from '@eds/core'
import { networkError, type RequestName } from './api-errors.js'
import type { Download, HqApi } from './api-types.js'
import { type HttpClient, nameOf, reasonOf } from './http.js'

/** Uploads and downloads: presigned URLs, without the API key. */
export function transfers(
  http: HttpClient,
  headers: Readonly<Record<string, string>>,
  timeoutMs: number,
): Pick<HqApi, 'uploadLog' | 'download'> {
  return {
    async uploadLog(url, body, signal) {
      await http.send(
        {
          method: 'PUT',
          url: checkUrl(url),
          headers: { ...headers, 'Content-Type': 'application/x-tgz' },
          body: body instanceof Blob ? body : new Uint8Array(body),
          timeoutMs: timeoutMs * 10,
          read: async (response) => void (await response.body?.cancel()),
        },
        signal,
      )
    },
    async download(url, signal) {
      const name = nameOf({ method: 'GET', url })
      const read = async (response: Response) => toDownload(response, name, signal)
      return http.send({ method: 'GET', url: checkUrl(url), headers, timeoutMs, read }, signal)
    },
  }
}

function toDownload(response: Response, name: RequestName, signal: AbortSignal | undefined): Download {
  const length = response.headers.get('content-length')
  return { ...(length === null ? {} : { size: Number(length) }), body: chunks(response, name, signal) }
}

/** The client's own signal ends with the headers, so the caller's is heeded here. */
async function* chunks(
  response: Response,
  name: RequestName,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader()
  if (reader === undefined) return
  const cancel = () => void reader.cancel().catch(() => {})
  signal?.addEventListener('abort', cancel, { once: true })
  try {
    for (;;) {
      if (signal?.aborted) throw networkError(name, 'the transfer was cancelled')
      const { done, value } = await reader.read()
      if (signal?.aborted) throw networkError(name, 'the transfer was cancelled')
      if (done) return
      yield value
    }
  } catch (error) {
    throw error instanceof EdsError ? error : networkError(name, reasonOf(error).message)
  } finally {
    signal?.removeEventListener('abort', cancel)
    cancel()
  }
}

/** The client would quote a URL that it cannot use, and these are secrets. */
function checkUrl(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed && /^https?:$/.test(parsed.protocol) && !parsed.username && !parsed.password) return url
  throw new EdsError('configuration', 'HQ gave an address for a file that is not plain http or https')
}
