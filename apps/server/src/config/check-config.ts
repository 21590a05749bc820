import { dirname, resolve } from 'node:path'
import { memoryState, toEdsError } from '@eds/core'
import type { CommandCall } from '../command.js'
import { CommandFailure, exitCodes } from '../exit-codes.js'
import { errorLine } from '../failure.js'
import { databaseSource } from '../host/database-source.js'
import { readCredentialsFile, serverSecrets } from '../host/nats-source.js'
import { schemaRegistry } from '../host/schema-registry.js'
import type { PlannedSink } from '../host/sinks.js'
import { createDriver } from '../import/run-import.js'
import { checkRules, namesAreUnknown } from './check-rules.js'
import type { ConfigPlan } from './config-plan.js'

export interface CheckResult {
  /** `source`, `schemas`, `sink shop`. */
  readonly part: string
  readonly isOk: boolean
  /** Whether the configuration is to blame, so that trying again cannot help. */
  readonly isWrong: boolean
  /** What was found, or what is wrong and what to do. Not masked. */
  readonly detail: string
  readonly warnings: readonly string[]
}

type Finding = Pick<CheckResult, 'detail'> & Partial<Pick<CheckResult, 'warnings'>>

const patienceMs = 30_000
const notCompared =
  'the names of tables and columns in filters and transforms were not compared with anything: a misspelt one goes unnoticed, unless schema says where the schemas are'
const silent = { debug() {}, info() {}, warn() {}, error() {} }

/** Connects to everything that a configuration names and tells what it found. Nothing is written or left behind. */
export async function checkConnections(call: CommandCall, plan: ConfigPlan): Promise<CheckResult[]> {
  const signal = AbortSignal.any([call.io.signal, AbortSignal.timeout(patienceMs)])
  call.redactor.add(serverSecrets(plan.settings.source.servers))
  return Promise.all([
    ...checkSource(plan, signal),
    ...plan.sinks.map((planned) => attempt(`sink ${planned.sink.name}`, () => checkSink(planned, signal))),
  ])
}

async function attempt(part: string, action: () => Promise<Finding>): Promise<CheckResult> {
  try {
    const { detail, warnings = [] } = await action()
    return { part, isOk: true, isWrong: false, detail, warnings }
  } catch (error) {
    const isWrong = error instanceof CommandFailure && error.exitCode === exitCodes.usage
    const detail = errorLine(error instanceof CommandFailure ? error : toEdsError(error))
    return { part, isOk: false, isWrong, detail, warnings: [] }
  }
}

function checkSource(plan: ConfigPlan, signal: AbortSignal): Promise<CheckResult>[] {
  if (plan.database) return [attempt('source', () => checkDatabase(plan, signal)), ...checkSchemas(plan, signal)]
  const action = plan.sourceType === 'nats' ? () => checkStream(plan) : () => checkOther(plan)
  return [attempt('source', action), ...checkSchemas(plan, signal)]
}

/** Schemas that a database's catalog tells are checked with it. */
function checkSchemas(plan: ConfigPlan, signal: AbortSignal): Promise<CheckResult>[] {
  const { schema } = plan.settings
  if (plan.database && schema.kind === 'inferred') return []
  return [
    attempt('schemas', async () => {
      const registry = await schemaRegistry(schema, memoryState())
      const warnings = await checkRules(plan, registry, signal)
      if (schema.kind === 'inferred') {
        return { detail: 'inferred from the rows', warnings: namesAreUnknown(plan) ? [notCompared] : warnings }
      }
      const { size } = await registry.latest(signal)
      const detail = `${count(size, 'table')}, from ${schema.kind === 'file' ? schema.path : schema.baseUrl}`
      return { detail, warnings }
    }),
  ]
}

async function checkStream({ settings: { source } }: ConfigPlan): Promise<Finding> {
  const { publisher } = await import('@eds/source-nats')
  const { servers, stream, credentialsFile } = source
  if (credentialsFile !== undefined) await readCredentialsFile(credentialsFile)
  const credentials = credentialsFile === undefined ? {} : { credentials: { credsFile: credentialsFile } }
  const connection = publisher({ servers, stream, ...credentials })
  try {
    await connection.open()
    return { detail: `stream ${stream} on ${servers.join(', ')}` }
  } finally {
    await connection.close()
  }
}

async function checkDatabase(plan: ConfigPlan, signal: AbortSignal): Promise<Finding> {
  const { url = '', ...options } = plan.database ?? {}
  const { source, registry } = await databaseSource(url, { ...options, logger: silent })
  try {
    const { size } = await registry.latest(signal)
    const warnings = plan.settings.schema.kind === 'inferred' ? await checkRules(plan, registry, signal) : []
    return { detail: `${source.description}, ${count(size, 'table')}`, warnings }
  } finally {
    await source.close()
  }
}

async function checkOther({ path, config: { source } }: ConfigPlan): Promise<Finding> {
  if (source.type !== 'file') return { detail: 'events published over HTTP, journaled' }
  const { fileSource } = await import('@eds/source-file')
  const paths = source.paths.map((file) => resolve(dirname(path), file))
  const files = fileSource({ paths })
  const reader = await files.open({
    cursor: 'check',
    start: { at: 'beginning' },
    signal: AbortSignal.timeout(patienceMs),
  })
  await reader.close()
  await files.close()
  return { detail: files.description }
}

async function checkSink({ sink, destination }: PlannedSink, signal: AbortSignal): Promise<Finding> {
  const driver = createDriver({ sink, logger: silent })
  try {
    if (!driver.probe) {
      await driver.connect(signal)
      return { detail: `${sink.definition.title}, ${destination}` }
    }
    const { summary, warnings } = await driver.probe.test(signal)
    return { detail: summary, warnings }
  } finally {
    await driver.close()
  }
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`
}
