import { type Source, type StartAt, type StateStore, writeSinkPosition } from '@eds/core'
import { z } from 'zod'

const storedStart: z.ZodType<StartAt> = z.union([
  z.object({ at: z.enum(['resume', 'beginning', 'now']) }),
  z.object({ at: z.literal('time'), time: z.number() }),
])

/**
 * Where sinks are to begin that were told to begin elsewhere than they stand. Kept in the state until the source has forgotten the
 * sink's cursor, so that a crash in between changes nothing.
 */
export class Beginnings {
  readonly #state: StateStore
  readonly #root: StateStore

  constructor(state: StateStore) {
    this.#root = state
    this.#state = state.namespace('beginnings')
  }

  /** The sink forgets its position and begins there on its next run. */
  async beginAt(sink: string, start: StartAt): Promise<void> {
    await this.#state.write({ [`start:${sink}`]: JSON.stringify(start), [`forget:${sink}`]: 'true' })
    await writeSinkPosition(this.#root, sink, undefined)
  }

  async startOf(sink: string): Promise<StartAt | undefined> {
    const stored = await this.#state.get(`start:${sink}`)
    return stored === undefined ? undefined : storedStart.parse(JSON.parse(stored))
  }

  /** The source, forgetting the cursor of such a sink before it opens it. */
  guard(source: Source): Source {
    return {
      description: source.description,
      open: async (request) => {
        const mark = `forget:${request.cursor}`
        if ((await this.#state.get(mark)) !== undefined) {
          await source.forget(request.cursor)
          await this.#state.write({ [mark]: undefined })
        }
        return source.open(request)
      },
      forget: (cursor) => source.forget(cursor),
      close: () => source.close(),
    }
  }
}
