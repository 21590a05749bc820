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
  await writeImportTimes(state, sink, new Map([[table, time]]))
}

/** All or none; those of other tables stay. */
export async function writeImportTimes(state: StateStore, sink: string, times: ImportTimes): Promise<void> {
  await storeOf(state, sink).write(Object.fromEntries([...times].map(([table, time]) => [table, String(time)])))
}

function storeOf(state: StateStore, sink: string): StateStore {
  return state.namespace('imports').namespace(sink)
}
