import { isDeepStrictEqual } from 'node:util'
import { configFromForm, type DriverDefinition, describeOptions, formFields, maskUrl, parseSinkUrl } from '@eds/core'
import { demand } from '../conformance/violation.js'
import type { DriverCaseContext } from './case-context.js'
import type { DriverCase } from './driver-case.js'

type Settings = Readonly<Record<string, unknown>>

/** What a user would enter to get these settings, by field name. Lists and objects are for configuration files. */
function enteredFor(definition: DriverDefinition, settings: Settings): Record<string, string> {
  const typed = formFields(definition).flatMap(({ name, key }) => {
    const value = settings[key]
    return ['string', 'number', 'boolean'].includes(typeof value) ? [[name, String(value)] as const] : []
  })
  return Object.fromEntries(typed)
}

function settingsOf(definition: DriverDefinition, url: string): Settings {
  return { ...(parseSinkUrl(definition, url) as object) }
}

function demandSameSettings(definition: DriverDefinition, url: string): void {
  const settings = settingsOf(definition, url)
  const entered = enteredFor(definition, settings)
  const result = configFromForm(definition, entered)
  demand(
    'config' in result,
    () =>
      `the form refuses the settings of ${maskUrl(url)}: ` +
      ('fieldErrors' in result ? result.fieldErrors.map(({ field, error }) => `${field} ${error}`).join('; ') : ''),
  )
  const given: Settings = { ...(result.config as object) }
  const changed = formFields(definition).find(
    ({ name, key }) => name in entered && !isDeepStrictEqual(given[key], settings[key]),
  )
  demand(changed === undefined, () => `the form's field "${changed?.name}" gives another value of "${changed?.key}"`)
}

/** The definition without its `Config`, which the form does not need. */
function definitionOf({ options }: DriverCaseContext): DriverDefinition {
  return options.definition as DriverDefinition
}

export const formCases: readonly DriverCase[] = [
  {
    name: 'form: each field fills a setting of its own',
    async run(context) {
      const definition = definitionOf(context)
      const settings = new Set(describeOptions(definition).map(({ name }) => name))
      const fields = formFields(definition)
      const stray = fields.find(({ key }) => !settings.has(key))
      demand(stray === undefined, () => `the form's field "${stray?.name}" fills "${stray?.key}", which is no setting`)
      for (const part of ['name', 'key'] as const) {
        const twice = fields.find((field, index) => fields.findIndex((other) => other[part] === field[part]) < index)
        demand(twice === undefined, () => `two fields of the form have the ${part} "${twice?.[part]}"`)
      }
    },
  },
  {
    name: 'form: entering the settings of a URL gives these settings again',
    async run(context) {
      const definition = definitionOf(context)
      for (const url of [definition.exampleUrl, context.url]) demandSameSettings(definition, url)
    },
  },
]
