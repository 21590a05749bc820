import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { shopEvents } from './events.js'
import { writeExport } from './export.js'
import type { OperationMix, ShopOptions } from './options.js'
import { shopSchemas } from './schemas.js'
import type { RowBytes } from './tables.js'

const usage = `usage:
  shop events  [--seed 1] [--events 1000] [--companies 3] [--tables a,b] [--values plain|hostile] [--partial-updates 0]
               [--row-bytes realistic|small] [--start-time MS] [--mix 40,50,10] [--live-rows 2000]    events as JSON lines
  shop schemas [--tables a,b] [--row-bytes realistic|small] [--all-versions]                          GET /v3/schema as JSON
  shop export  --dir DIR [--seed 1] [--rows 1000] [--companies 3] [--tables a,b] [--row-bytes …]      import files`

const flags = {
  seed: { type: 'string', default: '1' },
  events: { type: 'string', default: '1000' },
  rows: { type: 'string', default: '1000' },
  companies: { type: 'string' },
  tables: { type: 'string' },
  values: { type: 'string', default: 'plain' },
  'partial-updates': { type: 'string', default: '0' },
  'row-bytes': { type: 'string', default: 'realistic' },
  'start-time': { type: 'string' },
  mix: { type: 'string', default: '40,50,10' },
  'live-rows': { type: 'string' },
  dir: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
  'all-versions': { type: 'boolean', default: false },
} as const

type Values = ReturnType<typeof parse>['values']

/** Runs one command, writing to `output`; returns the process's exit code: 0 done, 1 error, 3 wrong usage. */
export async function main(args: readonly string[], output: Writable, errors: Writable): Promise<number> {
  let run: () => Promise<void>
  try {
    run = command(args, output)
  } catch (error) {
    errors.write(`${messageOf(error)}\n${usage}\n`)
    return 3
  }
  try {
    await run()
    return 0
  } catch (error) {
    if (isClosedPipe(error)) return 0
    errors.write(`${messageOf(error)}\n`)
    return 1
  }
}

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options: flags, allowPositionals: true })
}

/** Checks everything before anything is written. */
function command(args: readonly string[], output: Writable): () => Promise<void> {
  const { values, positionals } = parse(args)
  if (values.help) return () => print([`${usage}\n`], output)
  switch (positionals.join(' ')) {
    case 'events': {
      const events = shopEvents(eventOptions(values))
      return () => print(lines(events), output)
    }
    case 'schemas': {
      const schemas = shopSchemas(common(values))
      const document = values['all-versions'] ? schemas.versions : schemas.document()
      return () => print([`${JSON.stringify(document, undefined, 2)}\n`], output)
    }
    case 'export':
      return exportCommand(values, output)
    default:
      throw new Error(positionals.length === 0 ? 'no command' : `no command "${positionals.join(' ')}"`)
  }
}

function exportCommand(values: Values, output: Writable): () => Promise<void> {
  const { dir } = values
  if (dir === undefined) throw new Error('export needs --dir, the folder to write to')
  const options = {
    ...common(values),
    ...companies(values),
    dir,
    seed: number('seed', values),
    rows: number('rows', values),
  }
  shopSchemas(options)
  return async () => {
    const { files, rows } = await writeExport(options)
    await print([`${JSON.stringify({ files: files.length, rows: Object.fromEntries(rows) })}\n`], output)
  }
}

function eventOptions(values: Values): ShopOptions {
  return {
    ...common(values),
    ...companies(values),
    seed: number('seed', values),
    events: number('events', values),
    values: choice('values', values, ['plain', 'hostile']),
    partialUpdates: share('partial-updates', values),
    mix: mix(values.mix),
    ...(values['start-time'] === undefined ? {} : { startTime: number('start-time', values) }),
    ...(values['live-rows'] === undefined ? {} : { liveRows: number('live-rows', values) }),
  }
}

function common(values: Values): { rowBytes: RowBytes; tables?: string[] } {
  const rowBytes = choice('row-bytes', values, ['realistic', 'small'])
  return values.tables === undefined ? { rowBytes } : { rowBytes, tables: values.tables.split(',') }
}

function companies(values: Values): { companies?: number } {
  return values.companies === undefined ? {} : { companies: number('companies', values) }
}

type TextFlag = Exclude<keyof Values, 'all-versions' | 'help'>

function number(name: TextFlag, values: Values): number {
  const text = values[name]
  if (text !== undefined && /^\d{1,15}$/.test(text)) return Number(text)
  throw new Error(`--${name} must be a whole number, not "${text}"`)
}

function share(name: TextFlag, values: Values): number {
  const value = Number(values[name])
  if (value >= 0 && value <= 1) return value
  throw new Error(`--${name} must be between 0 and 1, not "${values[name]}"`)
}

function choice<Name extends string>(name: TextFlag, values: Values, names: readonly Name[]): Name {
  const found = names.find((candidate) => candidate === values[name])
  if (found !== undefined) return found
  throw new Error(`--${name} must be ${names.join(' or ')}, not "${values[name]}"`)
}

function mix(text: string): OperationMix {
  const [, insert, update, remove] = /^(\d+),(\d+),(\d+)$/.exec(text) ?? []
  if (insert === undefined) throw new Error(`--mix must be three numbers, inserts,updates,deletes, not "${text}"`)
  return { insert: Number(insert), update: Number(update), delete: Number(remove) }
}

const newline = Buffer.from('\n')

function* lines(events: Iterable<{ bytes: Buffer }>): Generator<Buffer> {
  let batch: Buffer[] = []
  for (const { bytes } of events) {
    batch.push(bytes, newline)
    if (batch.length < 64) continue
    yield Buffer.concat(batch)
    batch = []
  }
  yield Buffer.concat(batch)
}

async function print(chunks: Iterable<string | Buffer>, output: Writable): Promise<void> {
  await pipeline(Readable.from(chunks), output, { end: false })
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The reader has seen enough, as with `shop events | head`. */
function isClosedPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE'
}
