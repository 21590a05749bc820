import { EdsError, isEdsError, rewriteEvent, type SchemaSupport, type TableSchema } from '@eds/core'
import { broken, withEvents } from './broken.js'

/** The schemas that a driver was asked to prepare, by table and in this order. */
class Prepared {
  readonly #schemas = new Map<string, TableSchema[]>()

  /** The facet, with a note of what it prepares. */
  noting(sound: SchemaSupport): SchemaSupport {
    return {
      prepare: (schemas, signal) => {
        for (const schema of schemas) this.#schemas.set(schema.table, [...this.of(schema.table), schema])
        return sound.prepare(schemas, signal)
      },
    }
  }

  of(table: string): readonly TableSchema[] {
    return this.#schemas.get(table) ?? []
  }
}

function width({ properties }: TableSchema): number {
  return Object.keys(properties).length
}

function isMissingTable(error: unknown): error is EdsError {
  return isEdsError(error) && error.code === 'schema' && error.message.includes('not prepared')
}

/** Drivers that mix up versions of a schema, or what it takes to have a table. */
export const brokenSchemas = {
  remembersSchemasByTable: broken('Remembers schemas by table', ({ schema, write }) => {
    const prepared = new Prepared()
    return {
      schema: prepared.noting(schema!),
      write(batch, signal) {
        const events = batch.events.map((event) => {
          const last = prepared.of(event.table).at(-1)
          return last === undefined ? event : rewriteEvent(event, { modelVersion: last.modelVersion })
        })
        return write(withEvents(batch, events), signal)
      },
    }
  }),

  replacesRowsOnInsert: broken('Replaces rows on insert', ({ schema, write }) => {
    const prepared = new Prepared()
    return {
      schema: prepared.noting(schema!),
      write(batch, signal) {
        const events = batch.events.map((event) => {
          const { operation, table, after = {} } = event
          const widest = prepared
            .of(table)
            .toSorted((left, right) => width(left) - width(right))
            .at(-1)
          if (operation !== 'INSERT' || widest === undefined || widest.open) return event
          const nulls = Object.fromEntries(Object.keys(widest.properties).map((name) => [name, null]))
          return rewriteEvent(event, { modelVersion: widest.modelVersion, after: { ...nulls, ...after } })
        })
        return write(withEvents(batch, events), signal)
      },
    }
  }),

  blamesEventsForAMissingTable: broken('Blames events for a missing table', ({ write }) => ({
    async write(batch, signal) {
      try {
        return await write(batch, signal)
      } catch (error) {
        if (!isMissingTable(error)) throw error
        return { failures: batch.events.map((_, index) => ({ index, error })) }
      }
    },
  })),

  takesAMissingTableForAnOutage: broken('Takes a missing table for an outage', ({ write }) => ({
    async write(batch, signal) {
      try {
        return await write(batch, signal)
      } catch (error) {
        if (!isMissingTable(error)) throw error
        throw new EdsError('connection', 'the table does not answer')
      }
    },
  })),
}
