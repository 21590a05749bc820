import type { S3Client } from '@aws-sdk/client-s3'
import { createRedactor, secretsOf } from '@eds/core'
import { checksumOf, createClient, encryptionOf, type S3Library } from './client.js'
import { configSchema, type S3Config } from './config.js'
import { abortedError, isDenied, toS3Error } from './errors.js'

export interface ObjectToWrite {
  readonly key: string
  readonly contentType: string
}

/** A multipart upload that has begun; give its parts in order, then finish it, or take it back. */
export interface MultipartUpload {
  add(part: Uint8Array, signal: AbortSignal): Promise<void>
  finish(signal: AbortSignal): Promise<void>
  /** Does not throw: what it leaves is invisible, and goes by the bucket's lifecycle rule. */
  abort(): Promise<void>
}

/** The requests that are made to one bucket. Every error is one of the contract. */
export class ObjectStore {
  readonly #config: S3Config
  readonly #library: S3Library
  readonly #client: S3Client
  readonly #redact: (text: string) => string

  private constructor(config: S3Config, library: S3Library) {
    this.#config = config
    this.#library = library
    this.#client = createClient(library, config)
    this.#redact = createRedactor(secretsOf(configSchema, config))
  }

  static async open(config: S3Config): Promise<ObjectStore> {
    return new ObjectStore(config, await import('@aws-sdk/client-s3'))
  }

  /** Ends all connections; what is on its way fails. */
  close(): void {
    this.#client.destroy()
  }

  /** Whether the bucket answers and knows us. The right to list it is not needed. */
  async check(signal: AbortSignal): Promise<'listed' | 'not allowed to list'> {
    const { bucket, prefix } = this.#config
    const request = new this.#library.ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, MaxKeys: 1 })
    return this.#request(`opening the bucket "${bucket}"`, signal, async (abortSignal) => {
      try {
        await this.#client.send(request, { abortSignal })
        return 'listed'
      } catch (error) {
        if (isDenied(error)) return 'not allowed to list'
        throw error
      }
    })
  }

  async put({ key, contentType }: ObjectToWrite, body: Uint8Array, signal: AbortSignal): Promise<void> {
    const request = new this.#library.PutObjectCommand({
      Bucket: this.#config.bucket,
      Key: key,
      Body: body,
      ContentType: contentType,
      ...encryptionOf(this.#config),
      ...checksumOf(this.#config),
    })
    await this.#request(`writing "${key}"`, signal, (abortSignal) => this.#client.send(request, { abortSignal }))
  }

  async beginMultipart({ key, contentType }: ObjectToWrite, signal: AbortSignal): Promise<MultipartUpload> {
    const { CreateMultipartUploadCommand, CompleteMultipartUploadCommand, AbortMultipartUploadCommand } = this.#library
    const place = { Bucket: this.#config.bucket, Key: key }
    const what = `writing "${key}" in parts`
    const settings = { ContentType: contentType, ...encryptionOf(this.#config), ...checksumOf(this.#config) }
    const begin = new CreateMultipartUploadCommand({ ...place, ...settings })
    // An upload whose answer nobody waits for could not be taken back.
    const { UploadId } = await withGrace(signal, (patient) =>
      this.#request(what, patient, (abortSignal) => this.#client.send(begin, { abortSignal })),
    )
    const parts: { PartNumber: number; ETag?: string; ChecksumCRC32?: string; ChecksumSHA256?: string }[] = []
    return {
      add: async (part, signal) => {
        const PartNumber = parts.length + 1
        const upload = { ...place, UploadId, PartNumber, Body: part, ...checksumOf(this.#config) }
        const request = new this.#library.UploadPartCommand(upload)
        const sent = await this.#request(what, signal, (abortSignal) => this.#client.send(request, { abortSignal }))
        const { ETag, ChecksumCRC32, ChecksumSHA256 } = sent
        parts.push({
          PartNumber,
          ...(ETag === undefined ? {} : { ETag }),
          ...(ChecksumCRC32 === undefined ? {} : { ChecksumCRC32 }),
          ...(ChecksumSHA256 === undefined ? {} : { ChecksumSHA256 }),
        })
      },
      finish: async (signal) => {
        const request = new CompleteMultipartUploadCommand({ ...place, UploadId, MultipartUpload: { Parts: parts } })
        await this.#request(what, signal, (abortSignal) => this.#client.send(request, { abortSignal }))
      },
      abort: async () => {
        const request = new AbortMultipartUploadCommand({ ...place, UploadId })
        await this.#client.send(request, { abortSignal: AbortSignal.timeout(abortTimeoutMs) }).catch(() => {})
      },
    }
  }

  async #request<T>(what: string, signal: AbortSignal, send: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (signal.aborted) throw abortedError()
    try {
      return await send(signal)
    } catch (error) {
      throw signal.aborted ? abortedError() : toS3Error(error, what, this.#redact)
    }
  }
}

/** An upload is taken back while something is wrong already, so not for long. */
const abortTimeoutMs = 5_000

/** Does something with a signal that aborts a while after the given one. */
async function withGrace<T>(signal: AbortSignal, work: (patient: AbortSignal) => Promise<T>): Promise<T> {
  if (signal.aborted) throw abortedError()
  const later = new AbortController()
  const wait = () => setTimeout(() => later.abort(), abortTimeoutMs).unref()
  signal.addEventListener('abort', wait, { once: true })
  try {
    return await work(later.signal)
  } finally {
    signal.removeEventListener('abort', wait)
  }
}
