import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** A receiver in this process: keeps the lines that it is sent, and refuses requests that hold what it cannot take. */
export class Receiver {
  readonly #server = createServer((request, response) => void this.#answer(request, response))
  readonly #token: string
  #lines: string[] = []

  private constructor(token: string) {
    this.#token = token
  }

  static async start(token: string): Promise<Receiver> {
    const receiver = new Receiver(token)
    await once(receiver.#server.listen(0, '127.0.0.1'), 'listening')
    return receiver
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** What is stored now, in order. */
  async *events(): AsyncGenerator<string> {
    yield* this.#lines
  }

  async drop(table: string): Promise<void> {
    this.#lines = this.#lines.filter((line) => (JSON.parse(line) as { table: string }).table !== table)
  }

  async stop(): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A request that breaks off is stored not at all.
    const body = await text(request).catch(() => undefined)
    if (body === undefined) return
    const status = this.#statusFor(request, body)
    if (status === 204 && request.method === 'POST') this.#lines.push(...body.split('\n').slice(0, -1))
    response.writeHead(status).end()
  }

  #statusFor({ headers }: IncomingMessage, body: string): number {
    if (headers.authorization !== `Bearer ${this.#token}`) return 401
    return body.includes('"poison"') ? 422 : 204
  }
}
