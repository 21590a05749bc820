import type { StateStore } from '@eds/core'
import { z } from 'zod'

const knownSink = z.object({ driver: z.string(), destination: z.string() })

export interface KnownSink {
  readonly name: string
  readonly driver: string
  /** Masked. */
  readonly destination: string
}

/** The sinks that this data directory has served, by name: what can be told about them while no server runs. */
export async function readKnownSinks(state: StateStore): Promise<KnownSink[]> {
  const sinks: KnownSink[] = []
  for await (const [name, value] of state.namespace('sinks').entries('')) {
    sinks.push({ name, ...knownSink.parse(JSON.parse(value)) })
  }
  return sinks
}

export async function rememberSinks(state: StateStore, sinks: readonly KnownSink[]): Promise<void> {
  const entries = sinks.map(({ name, driver, destination }) => [name, JSON.stringify({ driver, destination })] as const)
  await state.namespace('sinks').write(Object.fromEntries(entries))
}
