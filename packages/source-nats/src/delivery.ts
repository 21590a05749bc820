import type { Delivery, Position } from '@eds/core'
import type { Payload } from './payload.js'
import { positionOf } from './position.js'

/** One message of a stream. The position is made when asked for: most deliveries need it once, some never. */
export class StreamDelivery implements Delivery {
  readonly sequence: number
  readonly time: number
  readonly bytes: Uint8Array
  declare readonly defect?: string

  constructor(sequence: number, time: number, payload: Payload) {
    this.sequence = sequence
    this.time = time
    this.bytes = payload.bytes
    if (payload.defect !== undefined) this.defect = payload.defect
  }

  get position(): Position {
    return positionOf(this)
  }
}
