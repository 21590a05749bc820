import type { OpenRequest, Source } from '@eds/core'
import type { PlannedSink } from '../host/sinks.js'

/** One sink's share of the stream: one company, or all of them. */
export interface CompanyLane {
  readonly sink: PlannedSink
  /** `undefined`: all that may be read. */
  readonly companyId: string | undefined
  /** The durable consumer. */
  readonly consumer: string
}

/**
 * How the older generation divides its work: a durable consumer `<prefix>eds-server-<company id>` for each company. The first sink reads
 * from these, so that it goes on where that server stopped; further sinks have consumers of their own, `<prefix>edsd-<sink>-<company id>`.
 * With one company a lane has its sink's name, with several `<sink>-<company id>`.
 *
 * @param takesOver - false where that server's consumers are to be left alone
 */
export function companyLanes(
  sinks: readonly PlannedSink[],
  companyIds: readonly string[],
  { prefix, takesOver }: { readonly prefix: string; readonly takesOver: boolean },
): CompanyLane[] {
  if (companyIds.length === 0 || companyIds.includes('*')) {
    return sinks.map((sink) => ({ sink, companyId: undefined, consumer: `${prefix}edsd-${sink.sink.name}` }))
  }
  return sinks.flatMap((planned, index) =>
    companyIds.map((companyId) => {
      const { name } = planned.sink
      const consumer = takesOver && index === 0 ? `eds-server-${companyId}` : `edsd-${name}-${companyId}`
      const laneName = companyIds.length === 1 ? name : `${name}-${companyId}`
      const sink = { ...planned, sink: { ...planned.sink, name: laneName } }
      return { sink, companyId, consumer: prefix + consumer }
    }),
  )
}

/** Several sources as one: each cursor is read from the source that it belongs to. */
export function byCursor(sources: ReadonlyMap<string, Source>): Source {
  const sourceOf = (cursor: string): Source => {
    const source = sources.get(cursor)
    if (!source) throw new Error(`no source has the cursor ${cursor}`)
    return source
  }
  const distinct = [...new Set(sources.values())]
  return {
    description: [...new Set(distinct.map(({ description }) => description))].join(', '),
    open: async (request: OpenRequest) => sourceOf(request.cursor).open(request),
    forget: async (cursor) => sourceOf(cursor).forget(cursor),
    close: async () => {
      await Promise.all(distinct.map((source) => source.close()))
    },
  }
}
