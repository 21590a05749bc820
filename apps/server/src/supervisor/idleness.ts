/** Why there is no worker at the moment. */
export interface Idleness {
  /** `waiting`: all is as it should be, and HQ or the start of a worker comes next. `degraded`: something has failed. */
  readonly status: 'waiting' | 'degraded'
  /** For people. May hold what a destination said: mask it before it is shown. */
  readonly reason: string
}

/** What the supervisor does, or what went wrong last. */
export type Doing =
  | { readonly kind: 'connecting' | 'importing' | 'idle' }
  | { readonly kind: 'import failed' | 'worker crashed' | 'NATS lost'; readonly message: string }

/** Pure. `hasTarget`: a destination is configured; `mayDeliver`: an import has prepared it, or it needs none. */
export function idleness(
  doing: Doing,
  { hasTarget, mayDeliver }: { hasTarget: boolean; mayDeliver: boolean },
): Idleness {
  switch (doing.kind) {
    case 'connecting':
      return waiting('there is no session with HQ yet')
    case 'importing':
      return waiting('an import runs, as HQ asked')
    case 'import failed':
      return degraded(`the import failed: ${doing.message}; nothing is delivered until HQ asks for another one`)
    case 'worker crashed':
      return degraded(`the worker crashed and is started again: ${doing.message}`)
    case 'NATS lost':
      return degraded(`NATS is lost, a new session with HQ comes next: ${doing.message}`)
    case 'idle':
      if (mayDeliver) return waiting('the worker is being started')
      if (hasTarget) return waiting('nothing is delivered yet: waiting for HQ to import into the destination')
      return waiting('there is no destination yet: waiting for HQ to configure one, and to import into it')
  }
}

function waiting(reason: string): Idleness {
  return { status: 'waiting', reason }
}

function degraded(reason: string): Idleness {
  return { status: 'degraded', reason }
}
