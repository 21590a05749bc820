import { basename, dirname, resolve } from 'node:path'
import { z } from 'zod'
import type { Command, CommandCall } from '../command.js'
import { askSink, askSource } from '../config/ask-config.js'
import { findConfig, readConfigOption } from '../config/config-location.js'
import { type Draft, type DraftSink, type DraftSource, draftUrl } from '../config/draft.js'
import { Questions } from '../config/questions.js'
import { refuseOverwriting, writeConfig } from '../config/write-config.js'
import { exitCodes, usageError } from '../exit-codes.js'
import { databaseKind } from '../host/database-source.js'
import { installedDrivers } from '../host/drivers.js'
import { planSinks } from '../host/sinks.js'
import { readOptions, text, texts } from '../settings/option-types.js'
import { sinkNameFor, splitName } from '../settings/sink-name.js'

const initOptions = z.object({
  url: texts.optional(),
  source: text.optional(),
  server: texts.optional(),
  stream: text.optional(),
  schema: text.optional(),
  start: text.optional(),
})

type InitOptions = z.output<typeof initOptions>

/** `eds init`: writes a configuration file, by asking for what the command line does not say. */
export const command: Command = async (call) => {
  const { io } = call
  const options = readOptions(initOptions, call)
  const given = readConfigOption(call.options)
  const path = resolve(io.workingDirectory, given ?? 'eds.config.yaml')
  refuseOverwriting(given === undefined ? (findConfig(io.workingDirectory, undefined) ?? path) : path)
  const questions = io.stdin.isTTY === true ? new Questions(io) : undefined
  try {
    const source = givenSource(options) ?? (questions && (await askSource(questions)))
    const sinks = await sinkDrafts(call, options, questions)
    const drafts = [source ?? { part: { type: 'nats' as const }, secrets: {} }, ...sinks]
    const secrets = Object.assign({}, ...drafts.map((draft) => draft.secrets)) as Record<string, string>
    call.redactor.add(Object.values(secrets))
    const { schema } = options
    const config = {
      source: source?.part ?? { type: 'nats' as const },
      ...(schema !== undefined && { schema }),
      sinks: sinks.map(({ part }) => part),
    }
    const written = await writeConfig(path, config, secrets)
    tellWritten(call, path, written)
    return exitCodes.done
  } finally {
    questions?.close()
  }
}

function givenSource({ source, server, stream }: InitOptions): Draft<DraftSource> | undefined {
  if (source !== undefined) {
    const { part, secrets } = draftUrl(source, 'source')
    return { part: { type: databaseKind(source), url: part }, secrets }
  }
  if (server === undefined && stream === undefined) return undefined
  const drafts = (server ?? []).map((each) => draftUrl(each, 'nats'))
  const [first, ...others] = drafts.map(({ part }) => part)
  return {
    part: {
      type: 'nats',
      ...(first !== undefined && { servers: others.length === 0 ? first : [first, ...others] }),
      ...(stream !== undefined && { stream }),
    },
    secrets: Object.assign({}, ...drafts.map(({ secrets }) => secrets)) as Record<string, string>,
  }
}

async function sinkDrafts(
  call: CommandCall,
  options: InitOptions,
  questions: Questions | undefined,
): Promise<Draft<DraftSink>[]> {
  const drivers = await installedDrivers(call.io.workingDirectory)
  const given = [...(options.url ?? []), ...call.operands].map(splitName)
  if (given.length > 0) {
    const planned = await planSinks(given, drivers, call.redactor)
    return given.map(({ url }, index) => {
      const name = planned[index]?.sink.name ?? sinkNameFor('sink', url)
      const { part, secrets } = draftUrl(url, name)
      return { part: { name, url: part, ...(options.start !== undefined && { start: options.start }) }, secrets }
    })
  }
  if (questions === undefined) {
    throw usageError(
      'there is no terminal to ask on',
      'say where the changes go, for instance --url shop=postgres://localhost/shop',
    )
  }
  const definitions = await Promise.all(drivers.map((driver) => driver.load()))
  return [
    await askSink(
      questions,
      definitions.sort((left, right) => (left.name < right.name ? -1 : 1)),
    ),
  ]
}

function tellWritten({ io }: CommandCall, path: string, variables: readonly string[]): void {
  io.stdout.write(`wrote ${path}\n`)
  if (variables.length > 0) {
    io.stdout.write(`wrote ${variables.join(', ')} to ${resolve(dirname(path), '.env')}: keep that file to yourself\n`)
  }
  const config = basename(path).startsWith('eds.config.') ? '' : ` --config ${path}`
  io.stdout.write(`\nNext: eds check${config}, then eds server${config}\n`)
}
