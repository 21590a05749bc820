import { Events, type NatsConnection } from 'nats'

/** Whether a connection that reconnects by itself is up, to wait for either. */
export class LinkState {
  #connected = true
  readonly #waiting = new Set<() => void>()

  constructor(connection: NatsConnection) {
    void this.#follow(connection)
  }

  /** Resolves when the connection has noticed that the server is gone. */
  lost(): Promise<void> {
    return this.#until(false)
  }

  /** Resolves when it is connected, its subscriptions made again. */
  connected(): Promise<void> {
    return this.#until(true)
  }

  async #until(wanted: boolean): Promise<void> {
    while (this.#connected !== wanted) await new Promise<void>((resolve) => this.#waiting.add(resolve))
  }

  /** Ends when the connection is closed. */
  async #follow(connection: NatsConnection): Promise<void> {
    for await (const { type } of connection.status()) {
      if (type === Events.Disconnect) this.#connected = false
      else if (type === Events.Reconnect) this.#connected = true
      else continue
      for (const wake of this.#waiting) wake()
      this.#waiting.clear()
    }
  }
}
