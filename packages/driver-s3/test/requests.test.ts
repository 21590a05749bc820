import { createHash, randomBytes } from 'node:crypto'
import { getEventListeners } from 'node:events'
import { crc32 } from 'node:zlib'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { batchOf, eventOf, insert, never } from './fixtures.js'
import { connected, cut } from './harness.js'
import { type RecordedRequest, RecordingStore } from './recording-store.js'

let store: RecordingStore

beforeEach(async () => {
  store = await RecordingStore.start()
})

afterEach(() => store.stop())

function headersLike(pattern: RegExp, { headers }: RecordedRequest): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => pattern.test(name)))
}

async function putWith(parameters: Readonly<Record<string, string>>): Promise<RecordedRequest> {
  const driver = await connected(store.url(parameters))
  await driver.write(batchOf(eventOf()), never)
  const [put, ...more] = store.received('PUT', /^\/bucket\/prefix\/order\/row\.json/)
  expect(more).toEqual([])
  return put!
}

/** Random bytes, because they are compressed: two parts, the second a small one. */
async function writeInParts(parameters: Readonly<Record<string, string>>): Promise<void> {
  const driver = await connected(store.url({ format: 'ndjson', ...parameters }))
  const noise = () => randomBytes(2 ** 20).toString('base64')
  const events = Array.from({ length: 10 }, (_, index) => insert({ id: String(index), noise: noise() }))
  await driver.write(cut('1', '2', events), never)
}

it.each<[Record<string, string>, Record<string, string>]>([
  [{}, {}],
  [{ sse: 'AES256' }, { 'x-amz-server-side-encryption': 'AES256' }],
  [{ sse: 'aws:kms' }, { 'x-amz-server-side-encryption': 'aws:kms' }],
  [
    { sse: 'aws:kms', 'kms-key-id': 'alias/eds' },
    { 'x-amz-server-side-encryption': 'aws:kms', 'x-amz-server-side-encryption-aws-kms-key-id': 'alias/eds' },
  ],
])('encryption %j asks for %j', async (parameters, headers) => {
  expect(headersLike(/encryption/, await putWith(parameters))).toEqual(headers)
  await writeInParts(parameters)
  expect(headersLike(/encryption/, store.received('POST', /\?uploads/)[0]!)).toEqual(headers)
  for (const part of store.received('PUT', /partNumber=/)) expect(headersLike(/encryption/, part)).toEqual({})
})

function crc32Of(body: Buffer): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc32(body))
  return bytes.toString('base64')
}

const sha256Of = (body: Buffer) => createHash('sha256').update(body).digest('base64')

it.each<[string | undefined, string, (body: Buffer) => string]>([
  [undefined, 'crc32', crc32Of],
  ['crc32', 'crc32', crc32Of],
  ['sha256', 'sha256', sha256Of],
])('checksum %s: the %s of every body goes along', async (checksum, name, sumOf) => {
  const parameters = checksum === undefined ? {} : { checksum }
  const put = await putWith(parameters)
  expect(headersLike(/^x-amz-checksum/, put)).toEqual({ [`x-amz-checksum-${name}`]: sumOf(put.body) })
  await writeInParts(parameters)
  expect(store.received('POST', /\?uploads/)[0]?.headers['x-amz-checksum-algorithm']).toBe(name.toUpperCase())
  const parts = store.received('PUT', /partNumber=/)
  expect(parts).toHaveLength(2)
  for (const { headers, body } of parts) expect(headers[`x-amz-checksum-${name}`]).toBe(sumOf(body))
})

it('checksum none: no body has one', async () => {
  expect(headersLike(/checksum/, await putWith({ checksum: 'none' }))).toEqual({})
  await writeInParts({ checksum: 'none' })
  for (const request of store.requests) expect(headersLike(/checksum/, request)).toEqual({})
})

it('temporary credentials send their token', async () => {
  const { headers } = await putWith({ 'session-token': 'temporary' })
  expect(headers['x-amz-security-token']).toBe('temporary')
  expect(headers.authorization).toContain('Credential=key/')
})

it('connections are kept, and there are no more of them than uploads at a time', async () => {
  const driver = await connected(store.url({ uploadTasks: '3' }))
  const events = Array.from({ length: 60 }, (_, index) => eventOf({ key: ['r', String(index)] }))
  await driver.write(batchOf(...events), never)
  expect(store.received('PUT', /\.json/)).toHaveLength(60)
  expect(store.sockets.size).toBeLessThanOrEqual(3)
})

it('uploads that all fail reject the write once, and none begins after it', async () => {
  const driver = await connected(store.url({ 'max-retries': '1', uploadTasks: '8' }))
  store.refusal = { path: /\.json/, status: 503, code: 'SlowDown' }
  const events = Array.from({ length: 60 }, (_, index) => eventOf({ key: ['r', String(index)] }))
  await expect(driver.write(batchOf(...events), never)).rejects.toMatchObject({ code: 'throttled' })
  const begun = store.received('PUT', /\.json/).length
  expect(begun).toBeLessThanOrEqual(8)
  await driver.close()
  expect(store.received('PUT', /\.json/)).toHaveLength(begun)
})

it('nothing of a write stays with the signal that it was given', async () => {
  const { signal } = new AbortController()
  const driver = await connected(store.url())
  await driver.write(batchOf(eventOf()), signal)
  store.refusal = { path: /\.json/, status: 403, code: 'AccessDenied' }
  await expect(driver.write(batchOf(eventOf()), signal)).rejects.toMatchObject({ code: 'authentication' })
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

it('closing gives up what is on its way', async () => {
  const driver = await connected(store.url())
  const held = store.hold()
  const writing = driver.write(batchOf(eventOf()), never).catch((error: unknown) => error)
  await held
  await driver.close()
  expect(await writing).toMatchObject({ code: 'connection' })
})

it('an upload in parts that is refused is taken back', async () => {
  store.refusal = { path: /partNumber=2/, status: 500, code: 'InternalError' }
  await expect(writeInParts({ 'max-retries': '1' })).rejects.toMatchObject({ code: 'connection' })
  expect(store.received('POST', /uploadId=/)).toEqual([])
  expect(store.received('DELETE', /uploadId=one/)).toHaveLength(1)
})
