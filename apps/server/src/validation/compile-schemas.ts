import { Ajv, type ValidateFunction } from 'ajv'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'

export interface SchemaFile {
  /** Relative to the directory, with slashes. */
  readonly name: string
  readonly schema: unknown
  /** Makes an error that names the file. */
  readonly fail: (reason: string) => Error
}

/** Schemas without an `$id` of their own are found below this address, so that `$ref: "other.json"` finds the file. */
const base = 'file:///schemas/'

const drafts = {
  'http://json-schema.org/draft-07/schema': Ajv,
  'https://json-schema.org/draft/2019-09/schema': Ajv2019,
  'https://json-schema.org/draft/2020-12/schema': Ajv2020,
} as const
type Draft = keyof typeof drafts

/**
 * Compiles all files of a directory, so that whatever is wrong shows at start. The drafts 07, 2019-09 and 2020-12 (where `$schema`
 * does not say) are understood, one for all files.
 *
 * @returns a lookup by file name
 * @throws what the file's `fail` makes
 */
export function compileSchemas(files: readonly SchemaFile[]): (name: string) => ValidateFunction | undefined {
  const ajv = createAjv(files)
  for (const file of files) attempt(file, () => ajv.addSchema(asSchema(file), base + file.name))
  const compiled = new Map(files.map((file) => [file.name, attempt(file, () => ajv.getSchema(base + file.name))]))
  return (name) => compiled.get(name)
}

function createAjv(files: readonly SchemaFile[]): Ajv {
  const [first, ...others] = files.map((file) => ({ file, draft: draftOf(file) }))
  const odd = others.find(({ draft }) => draft !== first?.draft)
  if (odd) throw odd.file.fail(`$schema is another than in ${first?.file.name}: use one for all files`)
  const AjvOfDraft = drafts[first?.draft ?? 'https://json-schema.org/draft/2020-12/schema']
  const ajv = new AjvOfDraft({ strict: false, allErrors: false, logger: false })
  formats.default(ajv)
  return ajv
}

function draftOf(file: SchemaFile): Draft {
  const schema = asSchema(file)
  const given = typeof schema === 'object' && '$schema' in schema ? schema.$schema : undefined
  if (given === undefined) return 'https://json-schema.org/draft/2020-12/schema'
  const draft = Object.keys(drafts).find((known) => known === String(given).replace(/#$/, ''))
  if (draft === undefined)
    throw file.fail(`$schema ${JSON.stringify(given)} is not supported: use draft 07, 2019-09 or 2020-12`)
  return draft as Draft
}

function asSchema({ schema, fail }: SchemaFile): object | boolean {
  if (typeof schema === 'boolean' || (typeof schema === 'object' && schema !== null && !Array.isArray(schema)))
    return schema
  throw fail('is no JSON Schema')
}

function attempt<T>(file: SchemaFile, action: () => T): T {
  try {
    return action()
  } catch (error) {
    throw file.fail((error as Error).message)
  }
}
