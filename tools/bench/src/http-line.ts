import { connect, type Socket } from 'node:net'

interface Waiting {
  readonly resolve: (status: number) => void
  readonly reject: (error: Error) => void
}

/**
 * One kept connection with one request at a time, and nothing more than that: a client library would take more CPU time than the server
 * that is measured.
 */
export class HttpLine {
  readonly #socket: Socket
  #waiting: Waiting | undefined
  #answer = ''

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.setEncoding('latin1')
    socket.on('data', (text) => this.#take(String(text)))
    socket.on('error', (error) => this.#fail(error))
    socket.on('close', () => this.#fail(closedByServer()))
  }

  static connect(port: number): Promise<HttpLine> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(new HttpLine(socket)))
      socket.once('error', reject)
    })
  }

  /** Resolves with the status once the whole answer is there. The next request may be sent then. */
  send(request: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) return reject(closedByServer())
      this.#waiting = { resolve, reject }
      this.#socket.write(request)
    })
  }

  close(): void {
    this.#waiting = undefined
    this.#socket.destroy()
  }

  #take(text: string): void {
    this.#answer += text
    const head = this.#answer.indexOf('\r\n\r\n')
    if (head < 0) return
    const length = /\r\ncontent-length: *(\d+)/i.exec(this.#answer.slice(0, head))?.[1]
    if (this.#answer.length < head + 4 + Number(length ?? 0)) return
    const status = Number(this.#answer.slice(9, 12))
    this.#answer = ''
    this.#waiting?.resolve(status)
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error)
    this.#waiting = undefined
  }
}

function closedByServer(): Error {
  return new Error('the server closed a connection')
}

/** The bytes of a POST request. */
export function postRequest(path: string, body: string): Buffer {
  const lines = [
    `POST ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Content-Type: text/plain',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ]
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`)
}
