/** Set for processes that this program has started itself. */
export const childVariable = 'EDS_CHILD'

/** What is needed of `process`. */
export interface ChildSide {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly channel?: { unref(): void } | null | undefined
  once(event: 'disconnect', listener: () => void): unknown
  exit(code: number): void
}

/**
 * A process that was started by another one of this program ends at once when that one is gone, killed perhaps: another may be about
 * to start one of the same kind, and two must never run. What was in flight comes again.
 */
export function endWithParent(process: ChildSide): void {
  if (process.env[childVariable] === undefined) return
  process.once('disconnect', () => process.exit(1))
  // Waiting for the parent to vanish is no reason to stay.
  process.channel?.unref()
}
