import { EdsError, type ErrorCode, type TableSchema } from '@eds/core'
import type { NamedUrl } from '../../settings/sink-name.js'
import type { TableImport } from '../import-plan.js'
import type { LoadOptions } from '../run-import.js'
import type { RowFilter } from '../table-rows.js'

/** What a thread is given at its start. It makes its drivers from it by itself, as a driver cannot be handed to a thread. */
export interface ThreadOrder {
  readonly url: NamedUrl
  readonly workingDirectory: string
  /** Driver packages that the configuration lists. */
  readonly drivers: readonly string[]
  readonly mode: LoadOptions['mode']
  readonly filter: RowFilter
}

/** To a thread. */
export type ThreadTask =
  | { readonly kind: 'load'; readonly id: number; readonly table: TableImport; readonly schema: TableSchema }
  /** Breaks off what is being loaded. */
  | { readonly kind: 'abort' }
  /** Nothing more will come. Answered by `closed` when the drivers are. */
  | { readonly kind: 'close' }

/** From a thread. */
export type ThreadReport =
  | { readonly kind: 'loaded'; readonly id: number; readonly rows: number }
  | { readonly kind: 'failed'; readonly id: number; readonly error: ErrorFacts }
  /** Since the last report of the table. */
  | { readonly kind: 'progress'; readonly table: string; readonly rows: number; readonly bytes: number }
  | { readonly kind: 'log'; readonly level: LogLevel; readonly fields: object; readonly message: string }
  | { readonly kind: 'closed' }

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** An `EdsError` as a message can carry it: a copy of an error loses its class and its own properties. */
export interface ErrorFacts {
  readonly code: ErrorCode
  readonly message: string
  readonly fix?: string | undefined
  readonly table?: string | undefined
}

export function factsOf({ code, message, fix, table }: EdsError): ErrorFacts {
  return { code, message, fix, table }
}

export function errorOf({ code, message, fix, table }: ErrorFacts): EdsError {
  return new EdsError(code, message, { ...(fix !== undefined && { fix }), ...(table !== undefined && { table }) })
}
