import type { ChangeEvent } from '@eds/core'

/** One of the driver's formats: how events become files. */
export interface EventWriter {
  /**
   * Resolves when the events are durable. Rejects, once nothing is under way any more, with whatever the file system threw.
   * `isStopped` is asked between two steps.
   */
  write(events: readonly ChangeEvent[], isStopped: () => boolean): Promise<void>
  /** Closes what is open. Does not throw. */
  close(): Promise<void>
}
