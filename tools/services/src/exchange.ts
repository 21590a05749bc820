import { connect } from 'node:net'
import type { Endpoint } from './service-definition.js'

/** What came back: nobody listens, or these first bytes (none, if the peer stayed silent or closed). */
export type Answer = { readonly connected: false } | { readonly connected: true; readonly bytes: Buffer }

/** One question to a server. */
export interface Question {
  /** Sent as soon as the connection stands; absent when the server speaks first. */
  readonly send?: Buffer
  /** Whether enough has arrived. */
  readonly complete: (received: Buffer) => boolean
}

/** Connects, asks, collects until complete, closed or out of time. Never rejects. */
export function exchange(endpoint: Endpoint, question: Question, timeoutMs: number): Promise<Answer> {
  return new Promise((resolve) => {
    const socket = connect({ host: endpoint.host, port: endpoint.port })
    let connected = false
    let received: Buffer = Buffer.alloc(0)
    const settle = () => {
      clearTimeout(timer)
      socket.destroy()
      resolve(connected ? { connected, bytes: received } : { connected })
    }
    const timer = setTimeout(settle, timeoutMs)
    socket.on('connect', () => {
      connected = true
      if (question.send) socket.write(question.send)
    })
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      if (question.complete(received)) settle()
    })
    socket.on('error', settle)
    socket.on('close', settle)
  })
}
