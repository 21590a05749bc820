import { randomUUID } from 'node:crypto'
import {
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3'
import { formatUrl, parseSinkUrl, parseUrl } from '@eds/core'
import s3 from '../src/index.js'

const readsAtOnce = 16

/** A place of a test file's own in the bucket that the server's URL names, read past the driver. */
export class TestBucket {
  readonly prefix = `test-${randomUUID()}`
  readonly #serverUrl: string
  readonly #client: S3Client
  readonly #bucket: string

  private constructor(serverUrl: string) {
    const config = parseSinkUrl(s3, serverUrl)
    const { accessKeyId = '', secretAccessKey = '', region, endpoint = '' } = config
    this.#serverUrl = serverUrl
    this.#bucket = config.bucket
    this.#client = new S3Client({
      region,
      endpoint,
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
    })
  }

  /** The bucket is made where it is missing. */
  static async open(serverUrl: string): Promise<TestBucket> {
    const bucket = new TestBucket(serverUrl)
    await bucket.#client.send(new CreateBucketCommand({ Bucket: bucket.#bucket })).catch((error: unknown) => {
      if (!/BucketAlready/.test(String(error))) throw error
    })
    return bucket
  }

  /** A URL of the driver for a folder of this place, with parameters put in; `host` to go through a proxy. */
  url(folder: string, parameters: Readonly<Record<string, string>> = {}, port?: number): string {
    const { hosts, query, ...parts } = parseUrl(this.#serverUrl)
    const path = `/${this.#bucket}/${this.prefix}/${folder}`
    const through = port === undefined ? hosts : [{ host: '127.0.0.1', port }]
    return formatUrl({ ...parts, hosts: through, path, query: { ...query, ...parameters } })
  }

  get address(): { host: string; port: number } {
    const [host] = parseUrl(this.#serverUrl).hosts
    return { host: host?.host ?? '', port: host?.port ?? 443 }
  }

  /** Keys below the folder, without the place's own prefix, sorted. */
  async keys(folder = ''): Promise<string[]> {
    const keys: string[] = []
    let token: string | undefined
    do {
      const page = await this.#client.send(
        new ListObjectsV2Command({
          Bucket: this.#bucket,
          Prefix: `${this.prefix}/${folder}`,
          ...(token === undefined ? {} : { ContinuationToken: token }),
        }),
      )
      keys.push(...(page.Contents ?? []).flatMap(({ Key }) => (Key === undefined ? [] : [Key])))
      token = page.NextContinuationToken
    } while (token !== undefined)
    return keys.map((key) => key.slice(this.prefix.length + 1)).sort()
  }

  async object(key: string): Promise<{ bytes: Buffer; contentType: string | undefined }> {
    const Key = `${this.prefix}/${key}`
    const { Body, ContentType } = await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key }))
    return { bytes: Buffer.from((await Body?.transformToByteArray()) ?? []), contentType: ContentType }
  }

  /** The bodies, in the order of their keys. */
  async *objects(folder = ''): AsyncGenerator<Buffer> {
    const keys = await this.keys(folder)
    for (let from = 0; from < keys.length; from += readsAtOnce) {
      const some = await Promise.all(keys.slice(from, from + readsAtOnce).map((key) => this.object(key)))
      for (const { bytes } of some) yield bytes
    }
  }

  async unfinishedUploads(): Promise<number> {
    const request = new ListMultipartUploadsCommand({ Bucket: this.#bucket, Prefix: this.prefix })
    return (await this.#client.send(request)).Uploads?.length ?? 0
  }

  async remove(folder = ''): Promise<void> {
    const keys = await this.keys(folder)
    for (let from = 0; from < keys.length; from += 1_000) {
      const Objects = keys.slice(from, from + 1_000).map((key) => ({ Key: `${this.prefix}/${key}` }))
      await this.#client.send(new DeleteObjectsCommand({ Bucket: this.#bucket, Delete: { Objects } }))
    }
  }

  async close(): Promise<void> {
    await this.remove()
    this.disconnect()
  }

  /** For a server that goes away with everything that it holds. */
  disconnect(): void {
    this.#client.destroy()
  }
}
