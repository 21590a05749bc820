import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ValidateFunction } from 'ajv'
import { z } from 'zod'
import { usageError } from '../exit-codes.js'
import { compileSchemas, type SchemaFile } from './compile-schemas.js'
import { type PathTemplate, parsePathTemplate } from './path-template.js'

/** What is asked of the events of one table. */
export interface ValidationRule {
  readonly validate: ValidateFunction
  /** Chooses where an object store keeps the event; absent: its default. */
  readonly path?: PathTemplate
}

const configFile = z.record(
  z.string(),
  z.strictObject({ schema: z.string().min(1), path: z.string().min(1).optional() }),
)

/**
 * Reads the rules of a directory: `config.json` maps each table to `{schema: "file.json", path?: template}`, and the schemas lie
 * beside it, JSON Schema over the whole event, which may `$ref` one another by file name.
 *
 * @throws CommandFailure (exit code 3) naming the file, and the table, that cannot be used.
 */
export async function readValidationRules(directory: string): Promise<ReadonlyMap<string, ValidationRule>> {
  const config = await readConfig(directory)
  const compiled = compileSchemas(await readSchemaFiles(directory))
  const rules = new Map<string, ValidationRule>()
  for (const [table, { schema, path }] of Object.entries(config)) {
    const validate = compiled(schema)
    if (!validate) throw broken(directory, 'config.json', `${table}: there is no ${schema}`)
    rules.set(table, { validate, ...(path !== undefined && { path: templateOf(directory, table, path) }) })
  }
  return rules
}

async function readConfig(directory: string): Promise<z.infer<typeof configFile>> {
  const parsed = configFile.safeParse(await readJson(directory, 'config.json'))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw broken(directory, 'config.json', `${issue?.path.join('.') || 'it'}: ${issue?.message}`)
}

async function readSchemaFiles(directory: string): Promise<SchemaFile[]> {
  const names = (await readdir(directory, { recursive: true })).map((name) => name.replaceAll('\\', '/'))
  const files = names.filter((name) => name.endsWith('.json') && name !== 'config.json')
  return Promise.all(
    files.map(async (name) => ({
      name,
      schema: await readJson(directory, name),
      fail: (reason: string) => broken(directory, name, reason),
    })),
  )
}

async function readJson(directory: string, name: string): Promise<unknown> {
  const text = await readFile(join(directory, name), 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw broken(directory, name, `cannot be read (${error.code})`)
  })
  try {
    return JSON.parse(text)
  } catch (error) {
    throw broken(directory, name, `is not JSON: ${(error as Error).message}`)
  }
}

function templateOf(directory: string, table: string, path: string): PathTemplate {
  try {
    return parsePathTemplate(path)
  } catch (error) {
    throw broken(directory, 'config.json', `${table}.path: ${(error as Error).message}`)
  }
}

function broken(directory: string, name: string, reason: string): Error {
  return usageError(`--schema-validator ${join(directory, name)}: ${reason}`)
}
