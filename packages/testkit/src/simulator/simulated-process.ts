import type { Clock } from '@eds/core'
import type { World } from './world.js'

/** How the life of a process ended. */
export type ProcessEnd =
  | { readonly kind: 'crashed'; readonly at: string }
  | { readonly kind: 'resolved' }
  | { readonly kind: 'rejected'; readonly error: unknown }

/**
 * One life of the program. When it dies, whatever it was waiting for never comes, and nothing that it still tries has any effect:
 * what is left is what the world holds.
 */
export class SimulatedProcess {
  readonly world: World
  readonly #end: (end: ProcessEnd) => void
  /** Resolves when the process is dead or its pipeline has ended. */
  readonly ended: Promise<ProcessEnd>
  #state: 'alive' | 'dead' | 'finished' = 'alive'

  constructor(world: World) {
    this.world = world
    let end: (end: ProcessEnd) => void = () => {}
    this.ended = new Promise((resolve) => {
      end = resolve
    })
    this.#end = end
  }

  get alive(): boolean {
    return this.#state !== 'dead'
  }

  /** SIGKILL. */
  kill(at: string): void {
    if (this.#state !== 'alive') return
    this.#state = 'dead'
    this.world.trace.add(() => `CRASH at ${at}`)
    this.#end({ kind: 'crashed', at })
  }

  /** The pipeline's `run` has settled. */
  finish(end: ProcessEnd): void {
    if (this.#state !== 'alive') return
    this.#state = 'finished'
    this.#end(end)
  }

  /** Passes a labelled point: the process may die here, or lose time. */
  async point(label: string): Promise<void> {
    if (this.#state === 'dead') return never()
    if (this.#state === 'finished') this.world.violate(`${label} after the pipeline had ended`)
    if (this.world.crashes(label)) {
      this.kill(label)
      return never()
    }
    const latency = this.world.latency()
    if (latency > 0) await this.clock.sleep(latency)
  }

  /** Waits for something outside; never returns to a process that died meanwhile. */
  async outlive<T>(promise: Promise<T>): Promise<T> {
    const value = await promise
    return this.alive ? value : never()
  }

  readonly clock: Clock = {
    now: () => this.world.time.now(),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (!this.alive) return
        const done = () => {
          cancel()
          signal?.removeEventListener('abort', done)
          if (this.alive) resolve()
        }
        const cancel = this.world.time.after(signal?.aborted ? 0 : ms, done)
        signal?.addEventListener('abort', done, { once: true })
      }),
  }
}

/** A promise of its own each time, so that nothing holds on to those who wait. */
export function never(): Promise<never> {
  return new Promise(() => {})
}
