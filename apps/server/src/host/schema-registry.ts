import { readFile } from 'node:fs/promises'
import {
  EdsError,
  httpRegistry,
  inferRegistry,
  memoryState,
  type SchemaRegistry,
  type StateStore,
  schemasFromDocument,
  staticRegistry,
  systemClock,
  type TableSchema,
} from '@eds/core'
import { usageError } from '../exit-codes.js'
import { withFix } from '../failure.js'
import type { SchemaSettings } from '../settings/destination.js'

/**
 * The schema registry that the settings ask for. A file holds what `GET /v3/schema` answers, a map of any names to schemas; it may
 * hold several versions of a table, and `*` as model version stands for all others.
 *
 * @throws CommandFailure (exit code 3) when the file cannot be used.
 */
export async function schemaRegistry(
  settings: SchemaSettings,
  state: StateStore = memoryState(),
): Promise<SchemaRegistry> {
  switch (settings.kind) {
    case 'inferred':
      return inferRegistry()
    case 'http':
      return httpRegistry({ baseUrl: settings.baseUrl, clock: systemClock, cache: state.namespace('schemas') })
    case 'file':
      return staticRegistry(await fileSchemas(settings.path))
  }
}

/** Every schema that a file holds, all versions of a table. Throws as {@link schemaRegistry} does. */
export async function fileSchemas(path: string): Promise<TableSchema[]> {
  return readSchemas(await readText(path), path)
}

function readSchemas(text: string, path: string): TableSchema[] {
  try {
    const document: unknown = JSON.parse(text)
    return schemasFromDocument(Array.isArray(document) ? { ...document } : document)
  } catch (error) {
    if (error instanceof EdsError) throw usageError(`--schema ${path}: ${withFix(error)}`)
    throw usageError(`--schema ${path} is not JSON`)
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw usageError(`cannot read the schemas ${path} (${(error as NodeJS.ErrnoException).code})`, 'check --schema')
  }
}
