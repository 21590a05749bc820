import { configFromForm, type DriverDefinition, formFields, parseUrl } from '@eds/core'
import { type Draft, type DraftSink, type DraftSource, draftSink, draftUrl } from './draft.js'
import { referenceTo } from './environment-references.js'
import type { Questions } from './questions.js'

const sourceTypes = ['nats', 'postgres', 'mysql', 'file', 'http'] as const

/** Asks where the changes come from. */
export async function askSource(questions: Questions): Promise<Draft<DraftSource>> {
  const type = await questions.ask({
    text: `Where do the changes come from? ${sourceTypes.join(', ')}`,
    default: 'nats',
    problem: oneOf(sourceTypes),
  })
  switch (type) {
    case 'postgres':
    case 'mysql': {
      const url = await questions.ask({
        text: `Its URL, such as ${type}://user:password@host/database`,
        isSecret: true,
        problem: urlProblem,
      })
      const { part, secrets } = draftUrl(url, 'source')
      return { part: { type, url: part }, secrets }
    }
    case 'file':
      return {
        part: { type, paths: [await questions.ask({ text: 'Path of the NDJSON file or folder' })] },
        secrets: {},
      }
    case 'http': {
      const token = await questions.ask({ text: 'Security token for POST /publish', isSecret: true })
      return { part: { type, token: referenceTo('EDS_PUBLISH_TOKEN') }, secrets: { EDS_PUBLISH_TOKEN: token } }
    }
    default: {
      const servers = await questions.ask({
        text: 'NATS server',
        default: 'nats://localhost:4222',
        problem: urlProblem,
      })
      const stream = await questions.ask({ text: 'Stream', default: 'dbchange' })
      const { part, secrets } = draftUrl(servers, 'nats')
      return { part: { type: 'nats', servers: part, stream }, secrets }
    }
  }
}

/** Asks where the changes go: a driver out of those that are there, and the fields of its form. */
export async function askSink(questions: Questions, drivers: readonly DriverDefinition[]): Promise<Draft<DraftSink>> {
  questions.tell(drivers.map(({ name, title }) => `  ${name.padEnd(12)}${title}`).join('\n'))
  const names = drivers.map(({ name }) => name)
  const chosen = await questions.ask({ text: 'Where do they go? One of the above', problem: oneOf(names) })
  const definition = drivers.find(({ name }) => name === chosen)
  if (definition === undefined) throw new Error(`no driver ${chosen}`)
  const name = await questions.ask({
    text: 'What shall this sink be called?',
    default: chosen,
    problem: (answer) => (/^[A-Za-z0-9_-]+$/.test(answer) ? undefined : 'use letters, digits, _ and -'),
  })
  const values = await askForm(questions, definition)
  const draft = draftSink(name, definition, values)
  const start = await questions.ask({
    text: 'Where does it begin? new, beginning, or a time',
    default: 'new',
  })
  return start === 'new' ? draft : { ...draft, part: { ...draft.part, start } }
}

/** Asks for every field, and once more for those that are wrong. */
async function askForm(questions: Questions, definition: DriverDefinition): Promise<Record<string, string>> {
  const values: Record<string, string> = {}
  let fields = formFields(definition)
  for (;;) {
    for (const { name, description, required, format, default: preset } of fields) {
      values[name] = await questions.ask({
        text: description === '' ? name : `${name} (${description})`,
        isRequired: required && preset === undefined,
        isSecret: format === 'password',
        ...(preset !== undefined && { default: String(preset) }),
      })
    }
    const result = configFromForm(definition, values)
    if (!('fieldErrors' in result)) return values
    for (const { field, error } of result.fieldErrors) questions.tell(`  ${field} ${error}`)
    const wrong = new Set(result.fieldErrors.map(({ field }) => field))
    const again = formFields(definition).filter(({ name }) => wrong.has(name))
    fields = again.length > 0 ? again : formFields(definition)
  }
}

function oneOf(names: readonly string[]): (answer: string) => string | undefined {
  return (answer) => (names.includes(answer) ? undefined : `choose one of ${names.join(', ')}`)
}

function urlProblem(answer: string): string | undefined {
  try {
    parseUrl(answer)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : 'is no URL'
  }
}
