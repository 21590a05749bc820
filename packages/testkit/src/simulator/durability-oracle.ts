import type { Position } from '@eds/core'
import type { Ledger } from './ledger.js'
import type { SimulatedDestination } from './simulated-destination.js'
import type { LedgerEvent } from './workload.js'

/**
 * What a lane must have seen to before it may call a position durable: every event up to there is at the destination or visibly set
 * aside, and no row shows an older state than the last one it was given. Returns what is wrong, `undefined` when nothing is.
 */
export function checkDurable(ledger: Ledger, destination: SimulatedDestination, through: Position): string | undefined {
  for (const event of ledger.events) {
    if (event.position > through) break
    const missing = missingFrom(destination, event)
    if (missing !== undefined) return missing
  }
  return olderRow(ledger, destination, through)
}

function missingFrom({ applied, letters }: SimulatedDestination, { position, fate }: LedgerEvent): string | undefined {
  if (fate === 'skipped' || letters.has(position) || applied.has(position)) return undefined
  return `event ${position} (${fate}) is neither at the destination nor among the dead letters`
}

function olderRow(ledger: Ledger, destination: SimulatedDestination, through: Position): string | undefined {
  for (const [rowKey, events] of ledger.rows) {
    const last = events.findLast((event) => event.position <= through && mustShow(destination, event))
    const version = destination.versions.get(rowKey) ?? 0
    if (last !== undefined && version < last.sequence) {
      return `row ${rowKey.replace('\0', '/')} shows event ${version} although ${last.sequence} was applied after it`
    }
  }
  return undefined
}

function mustShow({ letters }: SimulatedDestination, { position, fate }: LedgerEvent): boolean {
  const letter = letters.get(position)
  return fate === 'sound' && (letter === undefined || letter.status === 'retried')
}
