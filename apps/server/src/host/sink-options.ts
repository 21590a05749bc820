import {
  type EventStage,
  readSinkPosition,
  type SinkOptions,
  type StartAt,
  type StateStore,
  skipImported,
} from '@eds/core'
import type { ServerSettings } from '../settings/server.js'
import type { Beginnings } from './beginnings.js'
import { type ImportTimes, readImportTimes } from './import-times.js'

/** What a sink starts with, and whether anything is known of it. */
export interface SinkStart {
  readonly options: SinkOptions
  /** True when nobody said where it begins and nothing is remembered here: it gets new events only, unless the source knows more. */
  readonly isNew: boolean
  /** When an import has last brought a table; changes of imported tables from before are skipped. Epoch milliseconds. */
  readonly importedAt?: number
}

/** Reads from the state what concerns one sink: an earlier import, and where it is to begin. */
export async function sinkStart(
  settings: Pick<ServerSettings, 'start' | 'onError' | 'lingerMs'>,
  name: string,
  state: StateStore,
  beginnings: Beginnings,
): Promise<SinkStart> {
  const imported = await readImportTimes(state, name)
  const chosen = (await beginnings.startOf(name)) ?? settings.start ?? importStart(imported)
  const stages: EventStage[] = imported.size === 0 ? [] : [skipImported(imported)]
  const { onError, lingerMs } = settings
  return {
    ...(imported.size > 0 && { importedAt: Math.max(...imported.values()) }),
    isNew: chosen === undefined && (await readSinkPosition(state, name)) === undefined,
    options: { start: chosen ?? { at: 'now' }, stages, onError, ...(lingerMs !== undefined && { lingerMs }) },
  }
}

function importStart(imported: ImportTimes): StartAt | undefined {
  return imported.size === 0 ? undefined : { at: 'time', time: Math.min(...imported.values()) }
}
