import { gunzipSync, gzipSync } from 'node:zlib'
import { pack, unpack } from 'msgpackr'

/** What a subject under `eds.client` names; undefined for one that is not of a session. */
export function parseAnswerSubject(subject: string): { readonly sessionId: string; readonly name: string } | undefined {
  const [, sessionId, name] = /^eds\.client\.([^.]+)\.(.+)$/.exec(subject) ?? []
  return sessionId === undefined || name === undefined ? undefined : { sessionId, name }
}

/** Bytes → value by `content-encoding`; the bytes as text when they are not what the header says. */
export function decodeMessage(bytes: Uint8Array, encoding: string | undefined): unknown {
  try {
    if (encoding === 'msgpack') return unpack(bytes)
    return JSON.parse((encoding === 'gzip/json' ? gunzipSync(bytes) : Buffer.from(bytes)).toString())
  } catch {
    return Buffer.from(bytes).toString()
  }
}

/** Value → bytes by `content-encoding`. */
export function encodeMessage(value: unknown, encoding: 'gzip/json' | 'msgpack' | undefined): Uint8Array {
  if (encoding === 'msgpack') return pack(value)
  const json = Buffer.from(JSON.stringify(value))
  return encoding === 'gzip/json' ? gzipSync(json) : json
}
