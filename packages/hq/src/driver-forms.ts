import { configFromForm, type DriverDefinition, type FieldError, formFields, isEdsError, maskText } from '@eds/core'

/** A driver in HQ's list, under its first scheme. */
export interface HqDriver {
  readonly metadata: {
    readonly scheme: string
    readonly name: string
    readonly description: string
    readonly exampleURL: string
    readonly help: string
    readonly supportsImport: boolean
    readonly supportsMigration: boolean
  }
  readonly fields: readonly HqField[]
}

export interface HqField {
  readonly name: string
  readonly type: 'string' | 'number' | 'boolean'
  readonly format?: 'password'
  readonly default?: string | number | boolean
  readonly description: string
  readonly required: boolean
}

/** The `drivers` of the answer to `driverconfig`. */
export type HqDrivers = Readonly<Record<string, HqDriver>>

/** What became of a form: the URL, which holds the secrets, or what is wrong. */
export type FormAnswer =
  | { readonly url: string }
  | { readonly message: string; readonly fieldErrors: readonly FieldError[] }

/**
 * Describes drivers to HQ. Every driver can be imported into, except live ones, which have no use for a backlog. Pure.
 *
 * @param hasSchema whether destinations of the driver have tables that migrate
 */
export function describeDrivers(
  definitions: readonly DriverDefinition[],
  hasSchema: (definition: DriverDefinition) => boolean,
): HqDrivers {
  return Object.fromEntries(
    definitions.map((definition) => {
      const scheme = definition.schemes[0] ?? definition.name
      return [scheme, describeDriver(definition, scheme, hasSchema(definition))]
    }),
  )
}

function describeDriver(definition: DriverDefinition, scheme: string, supportsMigration: boolean): HqDriver {
  const { title: name, description, exampleUrl: exampleURL, help = '' } = definition
  const supportsImport = !isLive(definition)
  return {
    metadata: { scheme, name, description, exampleURL, help, supportsImport, supportsMigration },
    fields: formFields(definition).map(({ key: _, ...field }) => field),
  }
}

/** Decided by the driver's own example. One that does not even parse must not hide the other drivers from HQ. */
function isLive(definition: DriverDefinition): boolean {
  try {
    return definition.traits(definition.config.parse(definition.parse(definition.exampleUrl))).start === 'now'
  } catch {
    return false
  }
}

/** Turns the values of a form into the URL of a destination, or tells what is wrong with them. `driver` is one of the driver's schemes, or its name. Pure. */
export function answerForm(
  definitions: readonly DriverDefinition[],
  driver: string,
  values: Readonly<Record<string, unknown>>,
): FormAnswer {
  const definition = definitions.find(({ name, schemes }) => name === driver || schemes.includes(driver))
  if (definition === undefined) {
    const known = definitions.map(({ schemes, name }) => schemes[0] ?? name).join(', ')
    return { message: `there is no driver "${driver}"; there are ${known}`, fieldErrors: [] }
  }
  const result = configFromForm(definition, values)
  if ('fieldErrors' in result) return { message: summarise(result.fieldErrors), fieldErrors: result.fieldErrors }
  try {
    return { url: definition.format(result.config) }
  } catch (error) {
    if (!isEdsError(error)) throw error
    return { message: maskText(error.message), fieldErrors: [] }
  }
}

function summarise(errors: readonly FieldError[]): string {
  return errors.map(({ field, error }) => (field === '' ? error : `${field}: ${error}`)).join('; ')
}
