/** One request to `/event/<eventKey>`, with nothing left out that its sender may have meant. */
export interface ReceivedEvent {
  readonly eventKey: string
  /** Upper case. */
  readonly httpMethod: string
  /**
   * By canonical name (`Content-Type`), values in the order of arrival. Without `Host`, `Transfer-Encoding` and `Trailer`, which belong to the
   * connection.
   */
  readonly headers: Readonly<Record<string, readonly string[]>>
  readonly queryParams: Readonly<Record<string, readonly string[]>>
  /** The body as text; base64 when it is not UTF-8, and then the header `Eds-Content-Encoding: base64` is among `headers`. */
  readonly content: string
}

/** An event that is stored. */
export interface Reception {
  /**
   * Settles when it has been looked at whether a message is due, and that message is on its way; resolves to a word about it for the sender.
   * A rejection does not undo that the event is stored.
   */
  readonly evaluated: Promise<string>
}

/** Metrics as text. */
export interface MetricsText {
  readonly contentType: string
  readonly text: string
}

/** Whether what is received can go on to where it belongs. */
export interface EndpointHealth {
  /**
   * `starting`: not known yet. `degraded`: not now, but it will be tried until it can. `blocked`: not until somebody has done something.
   */
  readonly status: 'starting' | 'ok' | 'degraded' | 'blocked'
  /** What is wrong, and what to do. */
  readonly reason?: string
}

/** What the endpoints do. Errors that are `EdsError`s are told to the caller by their message; of others only that they happened. */
export interface EndpointService {
  /** Why an event of this key and method cannot be taken; `undefined` when it can. Asked before the body is read. */
  refusal(eventKey: string, httpMethod: string): string | undefined
  /** Resolves when the event is durable; rejects when it is not. Called any number of times at once. */
  receive(event: ReceivedEvent): Promise<Reception>
  /** Sends what is in the window now. Resolves to a word about it. */
  trigger(): Promise<string>
  /** Marks the window's events as used. Resolves to a word about it. */
  reset(): Promise<string>
  /** To be shown as JSON, without secrets. */
  config(): unknown
  /** To be shown as JSON. */
  status(): Promise<unknown>
  metrics(): Promise<MetricsText>
  /** Default: always `ok`. */
  health?(): EndpointHealth
}
