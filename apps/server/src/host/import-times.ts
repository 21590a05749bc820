import type { StateStore } from '@eds/core'

/** When the rows that a sink has by import were exported: table → epoch milliseconds. */
export type ImportTimes = ReadonlyMap<string, number>

export async function readImportTimes(state: StateStore, sink: string): Promise<ImportTimes> {
  const times = new Map<string, number>()
  for await (const [table, time] of storeOf(state, sink).entries('')) times.set(table, Number(time))
  return times
}

/** Resolves when the time is durable. */
export async function writeImportTime(state: StateStore, sink: string, table: string, time: number): Promise<void> {
  await storeOf(state, sink).write({ [table]: String(time) })
}

function storeOf(state: StateStore, sink: string): StateStore {
  return state.namespace('imports').namespace(sink)
}
