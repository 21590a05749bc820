import { once } from 'node:events'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { formatUrl } from '@eds/core'

export interface RecordedRequest {
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

const namespace = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'

/** Says yes like an S3 server, keeps nothing but the requests, and can be told to fail. */
export class RecordingStore {
  readonly requests: RecordedRequest[] = []
  readonly sockets = new Set<Socket>()
  /** An S3 error that writes are answered with whose path is like this. */
  refusal: { readonly path: RegExp; readonly status: number; readonly code: string } | undefined
  readonly #server: Server
  #hold: (() => void) | undefined

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response))
    this.#server.on('connection', (socket) => this.sockets.add(socket))
  }

  static async start(): Promise<RecordingStore> {
    const store = new RecordingStore()
    store.#server.listen(0, '127.0.0.1')
    await once(store.#server, 'listening')
    return store
  }

  url(parameters: Readonly<Record<string, string>> = {}): string {
    const hosts = [{ host: '127.0.0.1', port: (this.#server.address() as AddressInfo).port }]
    const query = { region: 'us-east-1', 'access-key-id': 'key', 'secret-access-key': 'secret', ...parameters }
    return formatUrl({ scheme: 's3', hosts, path: '/bucket/prefix', query })
  }

  /** Requests of a method whose path ends like this. */
  received(method: string, end: RegExp): RecordedRequest[] {
    return this.requests.filter((request) => request.method === method && end.test(request.path))
  }

  /** From now on nothing is answered; resolves when something came that is not. */
  hold(): Promise<void> {
    return new Promise((resolve) => {
      this.#hold = resolve
    })
  }

  async stop(): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '', headers } = request
    const body = Buffer.concat(await request.toArray())
    this.requests.push({ method, path, headers, body })
    if (this.#hold !== undefined) return this.#hold()
    if (method === 'GET') return void response.end(`<ListBucketResult ${namespace}></ListBucketResult>`)
    if (this.refusal?.path.test(path)) {
      const { status, code } = this.refusal
      return void response.writeHead(status).end(`<Error><Code>${code}</Code><Message>no</Message></Error>`)
    }
    if (method === 'PUT') return void response.setHeader('ETag', '"etag"').end()
    if (method === 'DELETE') return void response.writeHead(204).end()
    const result = path.includes('uploads')
      ? `<InitiateMultipartUploadResult ${namespace}><UploadId>one</UploadId></InitiateMultipartUploadResult>`
      : `<CompleteMultipartUploadResult ${namespace}><ETag>"etag"</ETag></CompleteMultipartUploadResult>`
    response.end(result)
  }
}
