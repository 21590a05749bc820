import { type ChangeEvent, EdsError, isEdsError, type WriteFailure } from '@eds/core'
import { encodeName, hourFileName, rowObjectName } from './names.js'

/** Which events go to one object, as indexes of the batch, in order. */
export interface RowObject {
  readonly key: string
  readonly indexes: readonly number[]
}

export interface RowPlan {
  readonly objects: readonly RowObject[]
  readonly failures: readonly WriteFailure[]
}

/** `format=json`: the objects that a batch writes. Only the last change of an object has to be uploaded. */
export function planRowObjects(prefix: string, events: readonly ChangeEvent[]): RowPlan {
  const objects = new Map<string, number[]>()
  const failures: WriteFailure[] = []
  for (const [index, event] of events.entries()) {
    const key = attempt(() => rowObjectName(prefix, event))
    if (isEdsError(key)) failures.push({ index, error: key })
    else append(objects, key, index)
  }
  return { objects: [...objects].map(([key, indexes]) => ({ key, indexes })), failures }
}

/** Events of one table, hour and, where it matters, schema version. */
export interface FilePlan {
  readonly key: string
  readonly events: readonly ChangeEvent[]
}

export interface FilesPlan {
  readonly files: readonly FilePlan[]
  readonly failures: readonly WriteFailure[]
}

export interface FileOptions {
  readonly prefix: string
  /** With its dot. */
  readonly ending: string
  /** The positions that the batch covers; they name its files. */
  readonly first: string
  readonly last: string
  /** Whether events of different schema versions need files of their own. */
  readonly byVersion: boolean
  /** Says why an event cannot be written. */
  readonly check?: (event: ChangeEvent) => EdsError | undefined
}

/**
 * `format=ndjson` and `parquet`: the files that a batch writes. The same batch gives the same files again. What follows a refused event
 * in its row is left out too, because it must not be applied without it.
 */
export function planFiles(events: readonly ChangeEvent[], options: FileOptions): FilesPlan {
  const files = new Map<string, ChangeEvent[]>()
  const failures: WriteFailure[] = []
  const refusedRows = new Set<string>()
  for (const [index, event] of events.entries()) {
    const key = refusedRows.has(event.rowKey) ? behindRefused() : keyOf(event, options)
    if (isEdsError(key)) {
      refusedRows.add(event.rowKey)
      failures.push({ index, error: key })
    } else append(files, key, event)
  }
  return { files: [...files].map(([key, events]) => ({ key, events })), failures }
}

function keyOf(event: ChangeEvent, { prefix, check, first, last, ending, byVersion }: FileOptions): string | EdsError {
  // By the version itself, not by its turn in the batch: a file must not take another's name when an event was set aside.
  const name = `${first}-${last}${byVersion ? `_${encodeName(event.modelVersion)}` : ''}${ending}`
  return check?.(event) ?? attempt(() => hourFileName(prefix, event, name))
}

function behindRefused(): EdsError {
  return new EdsError('record', 'an earlier change of the same row could not be written')
}

function attempt(decide: () => string): string | EdsError {
  try {
    return decide()
  } catch (error) {
    if (isEdsError(error)) return error
    throw error
  }
}

function append<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [item])
  else list.push(item)
}
