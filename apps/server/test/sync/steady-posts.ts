import type { SyncProcess } from './sync-process.js'

export interface PostOptions {
  /** Each may be dead already. Taken in turn by the clients. */
  readonly instances: readonly SyncProcess[]
  readonly eventKeys: readonly string[]
  readonly clients: number
  readonly perClient: number
  /** Distinguishes the contents of different calls. */
  readonly name: string
  /** Called with each event that was answered with 200; how many that makes. */
  readonly onStored?: (count: number) => void
}

/** Clients that post one event after the other, at once. Resolves with the contents that were acknowledged. */
export async function steadyPosts(options: PostOptions): Promise<Set<string>> {
  const stored = new Set<string>()
  await Promise.all(Array.from({ length: options.clients }, (_, client) => postAll(client, options, stored)))
  return stored
}

async function postAll(client: number, options: PostOptions, stored: Set<string>): Promise<void> {
  const { instances, eventKeys, perClient, name, onStored } = options
  for (let index = 0; index < perClient; index++) {
    const content = `${name} ${client} ${index}`
    const path = `/event/${eventKeys[(client + index) % eventKeys.length]}`
    const status = await statusOf(instances[client % instances.length], path, content)
    if (status === undefined) return
    if (status !== 200) throw new Error(`event ${content} was answered ${status}`)
    stored.add(content)
    onStored?.(stored.size)
  }
}

/** `undefined` when the instance died. */
async function statusOf(instance: SyncProcess | undefined, path: string, body: string): Promise<number | undefined> {
  return instance?.call(path, { method: 'POST', body }).then(
    ({ status }) => status,
    () => undefined,
  )
}
