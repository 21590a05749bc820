/** The calls of the HTTP API. */
export type RouteName =
  | 'enroll'
  | 'startSession'
  | 'endSession'
  | 'logUrl'
  | 'upload'
  | 'schemas'
  | 'schema'
  | 'startExport'
  | 'exportStatus'
  | 'olderExport'
  | 'presignedUrl'
  | 'exportFile'

/**
 * How a request fails: with a status and an envelope that says so, by a connection reset, by a download that breaks off
 * after half of its bytes (`cut`; only for `exportFile`), or with any answer at all.
 */
export type Fault = number | 'reset' | 'cut' | CustomAnswer

/** An answer of any status, size and shape. */
export interface CustomAnswer {
  readonly status: number
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

/** The faults that are still to happen, by route. */
export class FaultQueue {
  readonly #faults = new Map<RouteName, Fault[]>()

  add(route: RouteName, fault: Fault, times: number): void {
    const queue = this.#faults.get(route) ?? []
    queue.push(...Array.from({ length: times }, () => fault))
    this.#faults.set(route, queue)
  }

  /** Takes the next one; undefined when the request is to go well. */
  take(route: RouteName): Fault | undefined {
    return this.#faults.get(route)?.shift()
  }
}
