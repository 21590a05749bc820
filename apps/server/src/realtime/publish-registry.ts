import { inferRegistry, type SchemaRegistry } from '@eds/core'

/** What published events have in place of a version. */
const publishedVersion = 'api'

/** Schemas of the database, and of what was published: those are inferred, for no catalog has them. */
export function withPublished(database: SchemaRegistry): SchemaRegistry {
  const inferred = inferRegistry()
  return {
    get: (table, version, sample, signal) =>
      (version === publishedVersion ? inferred : database).get(table, version, sample, signal),
    latest: (signal) => database.latest(signal),
  }
}
