import type { Source } from '@eds/core'

/** What `testSource` needs to know of the source under test. */
export interface SourceSuiteOptions {
  /** Names the suite in the report. */
  readonly title: string
  /** The source as a new process would make it, on the stream that {@link reset} made. */
  create(): Source | Promise<Source>
  /** A stream made anew: no events, no cursors. Called before each case. */
  reset(): Promise<void>
  /** Appends messages to the stream, in order. Resolves when the stream has them. */
  publish(messages: readonly Uint8Array[]): Promise<void>
  /** True when the source ends where the stream ends (files); false when it waits for more. Default false. */
  readonly ends?: boolean
  /** False when cursors are not remembered by the source, so that a reader without `after` always begins at `start`. Default true. */
  readonly remembers?: boolean
  /** Takes the source away as SIGKILL would: nothing is flushed, nobody is told. Without it the source is just abandoned. */
  readonly crash?: (source: Source) => Promise<void>
  /** Makes the stream lose its oldest messages but the last `keep`. Without it the case about retention is skipped. */
  readonly loseOldest?: (keep: number) => Promise<void>
  /** Cuts the source off from its stream, and lets it back. Without it the cases about reconnecting are skipped. */
  readonly connection?: {
    break(): Promise<void>
    restore(): Promise<void>
  }
  /** How many messages left the stream, once no more are leaving. Without it the case about back-pressure is skipped. */
  readonly pulledWhenQuiet?: () => Promise<number>
  /** Messages for the case about back-pressure: clearly more than a reader may hold. Default 20,000 of 1 KB. */
  readonly backPressureMessages?: number
  /** Longest wait for anything to arrive, milliseconds. Default 30,000. */
  readonly limitMs?: number
  /** When Vitest gives a case up, milliseconds; longer than the waits within it. Default 120,000. */
  readonly timeoutMs?: number
  /** Case name → why the source cannot keep that promise. */
  readonly exceptions?: Readonly<Record<string, string>>
}
