import type { MultipartUpload, ObjectStore, ObjectToWrite } from './object-store.js'

/** Larger objects go in parts of this size; S3 wants 5 MB at least. */
export const partBytes = 8 * 2 ** 20

/**
 * Writes an object from chunks as they come: whole when it is small, in parts when it is not. Holds one part in memory. The object
 * appears when all of it is there, or not at all.
 */
export async function upload(
  store: ObjectStore,
  object: ObjectToWrite,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  const parts = inParts(chunks)
  try {
    const first = await parts.next()
    const second = await parts.next()
    if (second.done) await store.put(object, first.value ?? new Uint8Array(), signal)
    else await uploadParts(await store.beginMultipart(object, signal), [first.value, second.value], parts, signal)
  } finally {
    await parts.return(undefined)
  }
}

async function uploadParts(
  multipart: MultipartUpload,
  begun: readonly (Uint8Array | undefined)[],
  rest: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  try {
    for (const part of begun) if (part !== undefined) await multipart.add(part, signal)
    for await (const part of rest) await multipart.add(part, signal)
    await multipart.finish(signal)
  } catch (error) {
    await multipart.abort()
    throw error
  }
}

/** The same bytes in pieces of exactly {@link partBytes}, but for the last. */
export async function* inParts(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  size = partBytes,
): AsyncGenerator<Uint8Array, undefined> {
  let pending: Uint8Array[] = []
  let bytes = 0
  for await (let chunk of chunks) {
    while (bytes + chunk.length >= size) {
      const head = chunk.subarray(0, size - bytes)
      yield Buffer.concat([...pending, head])
      chunk = chunk.subarray(head.length)
      pending = []
      bytes = 0
    }
    if (chunk.length > 0) pending.push(chunk)
    bytes += chunk.length
  }
  if (bytes > 0) yield Buffer.concat(pending)
}
