import type { Operation } from '@eds/core'
import { writeEnvelope } from './envelope.js'
import type { HostileClass } from './hostile.js'
import { planWorkload, type ShopOptions, type WorkloadPlan } from './options.js'
import { Workload } from './workload.js'

/** One change, ready to publish. */
export interface ShopEvent {
  /** The event's JSON text in UTF-8, as it is on the wire. */
  readonly bytes: Buffer
  /** `dbchange.<table>.<operation>.<companyId>.<locationId>.PUBLIC.<n>` */
  readonly subject: string
  /** Place in the workload, from 0. */
  readonly index: number
  readonly id: string
  readonly table: string
  readonly operation: Operation
  /** The primary key's values as text, in the order of the schema's `primaryKeys`. */
  readonly primaryKey: readonly string[]
  readonly modelVersion: string
  readonly companyId: string
  readonly locationId: string | undefined
  /** Epoch milliseconds. */
  readonly timestamp: number
  readonly mvccTimestamp: string
  /** An UPDATE whose `after` holds the changed columns only. */
  readonly partial: boolean
  /** An INSERT of a key that was deleted before. */
  readonly reinsert: boolean
  /** What a destination has to store and may be unable to: in `after`, or in the key. */
  readonly hostile: readonly HostileClass[]
}

/**
 * The events of one seed, made one at a time as they are asked for. Iterating again begins anew.
 *
 * @throws Error that names the option which makes no sense.
 */
export function shopEvents(options: ShopOptions): Iterable<ShopEvent> {
  const plan = planWorkload(options)
  return { [Symbol.iterator]: () => generate(plan) }
}

function* generate(plan: WorkloadPlan): Generator<ShopEvent> {
  const workload = new Workload(plan)
  for (let index = 0; index < plan.events; index++) {
    yield writeEnvelope(workload.next(index / plan.events), { plan, workload, index })
  }
}
