import { once } from 'node:events'
import type { AddressInfo, Server, Socket } from 'node:net'
import { Broker } from './broker.js'
import { EventStore, type StoredEvent } from './event-store.js'

export interface EventHubSimOptions {
  /** Name of the hub; default `hub`. */
  readonly hub?: string
  /** Default 4. */
  readonly partitions?: number
  /** Shared access key; default a key for tests with the characters that real ones have. */
  readonly key?: string
  /** Largest transfer, bytes; default 1 MiB, as in the standard tier. */
  readonly maxMessageBytes?: number
  /** False: count events and forget them. */
  readonly keepEvents?: boolean
  /** Default: any free one. */
  readonly port?: number
}

/** A running hub on this machine. */
export interface EventHubSim {
  /** For `@eds/driver-eventhub`. */
  readonly url: string
  /** For the vendor's clients; names the emulator, so that they speak plain TCP. */
  readonly connectionString: string
  readonly port: number
  /** What is stored, partition by partition, in order. */
  events(): StoredEvent[]
  /** Cuts all connections and refuses new ones; what is stored stays. */
  breakConnections(): Promise<void>
  /** Ends {@link breakConnections} or {@link stall}. */
  restore(): Promise<void>
  /** Accepts connections, and answers nobody. */
  stall(): void
  /** Refuses the next transfers as busy. */
  throttleNext(count: number): void
  /** Detaches all sender links, as the service does when it moves a hub. */
  detachLinks(): void
  stop(): Promise<void>
}

const host = '127.0.0.1'
const keyName = 'RootManageSharedAccessKey'
const testKey = 'c2ltdWxhdG9y+k3y/w1th/pl+s0nly4tests+abcdefg='

/** Starts a hub on the loopback interface. */
export async function startEventHubSim(options: EventHubSimOptions = {}): Promise<EventHubSim> {
  const { hub = 'hub', partitions = 4, key = testKey, maxMessageBytes = 2 ** 20, keepEvents = true } = options
  const store = new EventStore(partitions, keepEvents)
  const broker = new Broker({ hub, key, keyName, store, maxMessageBytes })
  const listener = new Listener(broker, maxMessageBytes)
  const port = await listener.open(options.port ?? 0)
  const parameters = `SharedAccessKeyName=${keyName};SharedAccessKey=${key};EntityPath=${hub};UseDevelopmentEmulator=true`
  return {
    url: `eventhub://${host}:${port}/;${parameters}`,
    connectionString: `Endpoint=sb://${host}:${port};${parameters}`,
    port,
    events: () => store.all(),
    breakConnections: () => listener.close(),
    restore: () => listener.restore(port),
    stall: () => listener.stall(),
    throttleNext: (count) => broker.throttleNext(count),
    detachLinks: () => broker.detachLinks(),
    stop: () => listener.close(),
  }
}

/** The listening socket and the connections that came through it. */
class Listener {
  readonly #broker: Broker
  readonly #maxMessageBytes: number
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined
  #isStalled = false

  constructor(broker: Broker, maxMessageBytes: number) {
    this.#broker = broker
    this.#maxMessageBytes = maxMessageBytes
  }

  async open(port: number): Promise<number> {
    const receiverOptions = { max_message_size: this.#maxMessageBytes, credit_window: 300, autoaccept: false }
    const server = this.#broker.container.listen({ host, port, receiver_options: receiverOptions })
    this.#server = server
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
      socket.on('error', () => {})
      if (this.#isStalled) socket.pause()
    })
    if (!server.listening) await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }

  stall(): void {
    this.#isStalled = true
    for (const socket of this.#sockets) socket.pause()
  }

  async restore(port: number): Promise<void> {
    this.#isStalled = false
    for (const socket of this.#sockets) socket.resume()
    if (this.#server === undefined) await this.open(port)
  }

  async close(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return
    const closed = once(server, 'close')
    server.close()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }
}
