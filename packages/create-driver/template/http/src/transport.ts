import { once } from 'node:events'
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { text } from 'node:stream/consumers'
import type { __Class__Config } from './config.js'

/** What the receiver said. */
export interface Answer {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly text: string
}

export interface Question {
  readonly method: 'HEAD' | 'POST'
  readonly body?: Uint8Array
  readonly headers?: Readonly<Record<string, string>>
}

/** Connections to the receiver. The only file that does I/O; it repeats nothing, because the pipeline does. */
export class Transport {
  readonly #config: __Class__Config
  readonly #agent: HttpAgent | HttpsAgent

  constructor(config: __Class__Config) {
    this.#config = config
    this.#agent = config.tls ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true })
  }

  /** Rejects when there is no answer, or the signal aborts first. */
  async ask({ method, body, headers }: Question, signal: AbortSignal): Promise<Answer> {
    const { host, port, path, token, tls } = this.#config
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const request = (tls ? httpsRequest : httpRequest)({
      ...{ host, port, path, method, signal },
      agent: this.#agent,
      headers: { ...headers, ...authorization, 'content-length': body?.length ?? 0 },
    })
    const answered = once(request, 'response')
    // What breaks behind the answer's beginning rejects below; without a listener it would end the process.
    request.on('error', () => {})
    request.end(body)
    const [response] = (await answered) as [IncomingMessage]
    const { statusCode: status = 0, headers: answer } = response
    return { status, retryAfter: answer['retry-after'], text: await text(response) }
  }

  /** Ends what is open. */
  close(): void {
    this.#agent.destroy()
  }
}
