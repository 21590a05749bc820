import { type Driver, EdsError, type EventBatch, type WriteResult, withSignals, written } from '@eds/core'
import type { __Class__Config } from './config.js'
import { encodeLines } from './encode.js'
import { answerFault, answersHead, toTransportError } from './errors.js'
import { type Answer, type Question, Transport } from './transport.js'

/** Posts each batch to the receiver, which stores all of it or nothing. */
export class __Class__Driver implements Driver {
  readonly #config: __Class__Config
  readonly #place: string
  #transport: Transport | undefined
  #closing = new AbortController()

  constructor(config: __Class__Config) {
    this.#config = config
    this.#place = `__title__ (${config.host})`
  }

  async connect(signal: AbortSignal): Promise<void> {
    await this.close()
    this.#closing = new AbortController()
    this.#transport = new Transport(this.#config)
    const answer = await this.#ask({ method: 'HEAD' }, signal)
    if (answersHead(answer)) this.#demandTaken(answer)
  }

  async write({ events, first, last }: EventBatch, signal: AbortSignal): Promise<WriteResult> {
    const headers = { 'content-type': 'application/x-ndjson', 'idempotency-key': `${first}-${last}` }
    // A refused batch is not stored at all: the pipeline finds the event at fault by halving.
    this.#demandTaken(await this.#ask({ method: 'POST', body: encodeLines(events), headers }, signal))
    return written
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#transport?.close()
    this.#transport = undefined
  }

  async #ask(question: Question, signal: AbortSignal): Promise<Answer> {
    const transport = this.#transport
    if (transport === undefined) throw new EdsError('connection', `${this.#place} is not connected`)
    const signals = [signal, this.#closing.signal, AbortSignal.timeout(this.#config.timeoutMs)]
    try {
      return await withSignals(signals, (either) => transport.ask(question, either))
    } catch (error) {
      throw toTransportError(error, this.#place)
    }
  }

  #demandTaken(answer: Answer): void {
    const { token } = this.#config
    const fault = answerFault(answer, this.#place, token === undefined ? [] : [token])
    if (fault !== undefined) throw fault
  }
}
