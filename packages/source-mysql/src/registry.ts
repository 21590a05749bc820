import { EdsError, type SchemaRegistry, type TableSchema } from '@eds/core'
import type { CapturedTable } from './column.js'

/** The schemas of the tables that a source has met, under every version that its events name. */
export class CaptureRegistry implements SchemaRegistry {
  readonly #versions = new Map<string, TableSchema>()
  readonly #latest = new Map<string, TableSchema>()
  readonly #read: (signal: AbortSignal) => Promise<ReadonlyMap<string, CapturedTable>>

  /** `read` gives the catalog as it is now. */
  constructor(read: (signal: AbortSignal) => Promise<ReadonlyMap<string, CapturedTable>>) {
    this.#read = read
  }

  /** Called before the first event of a version is delivered. */
  learn({ name, modelVersion, schema }: CapturedTable): void {
    this.#versions.set(`${name}\0${modelVersion}`, schema)
    this.#latest.set(name, schema)
  }

  async get(
    table: string,
    modelVersion: string,
    _sample: unknown,
    signal: AbortSignal,
  ): Promise<TableSchema | undefined> {
    const version = `${table}\0${modelVersion}`
    if (!this.#versions.has(version)) for (const known of (await this.#read(signal)).values()) this.learn(known)
    return this.#versions.get(version)
  }

  async latest(signal: AbortSignal): Promise<ReadonlyMap<string, TableSchema>> {
    const tables = await this.#read(signal)
    if (signal.aborted) throw new EdsError('connection', 'reading the catalog was aborted')
    for (const known of tables.values()) this.learn(known)
    return new Map([...tables].map(([name, { schema }]) => [name, schema]))
  }
}
