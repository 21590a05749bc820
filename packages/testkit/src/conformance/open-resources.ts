import { readdirSync, readlinkSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

/** What a process holds open: kind → how many. */
export type OpenResources = ReadonlyMap<string, number>

/** Sockets, timers, requests, and where the system lists them, files: all that this process holds open now. */
export function openResources(): OpenResources {
  const counts = new Map<string, number>()
  for (const kind of [...process.getActiveResourcesInfo(), ...descriptorKinds()]) {
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  return counts
}

/** Kinds of which there are at least `count` more than before: `5 TCPSocketWrap`. */
export function grownResources(before: OpenResources, count: number): string[] {
  return [...openResources()]
    .map(([kind, now]) => ({ kind, more: now - (before.get(kind) ?? 0) }))
    .filter(({ more }) => more >= count)
    .map(({ kind, more }) => `${more} ${kind}`)
}

/** Node.js does not count files and what was unref'd. The list is the whole process's, so threads must not look at it. */
function descriptorKinds(): string[] {
  if (process.platform !== 'linux' || !isMainThread) return []
  return readdirSync('/proc/self/fd').flatMap(descriptorKind)
}

function descriptorKind(descriptor: string): string[] {
  try {
    const [, kind = 'file'] = /^(?!\/)([\w-]+):/.exec(readlinkSync(`/proc/self/fd/${descriptor}`)) ?? []
    return [`${kind} descriptor`]
  } catch {
    // The one that the list itself was read through.
    return []
  }
}
