import { type DriverDescription, type Kind, kinds, namesOf } from './describe-driver.js'
import { schemeFault } from './faults.js'

/** What the command line said already. */
export interface GivenAnswers {
  readonly name?: string | undefined
  readonly kind?: string | undefined
  readonly scheme?: string | undefined
}

/** Asks one question. An empty answer is the default. Rejects when nobody can be asked. */
export type Ask = (question: string, standard: string) => Promise<string>

/**
 * Takes what is given and asks for the rest, at most three questions: name, kind of destination, URL scheme.
 *
 * @throws Error that says what is wrong with an answer.
 */
export async function completeAnswers(given: GivenAnswers, ask: Ask): Promise<DriverDescription> {
  const name = given.name ?? (await ask('Name of the driver, such as the destination it serves', ''))
  // A name of which the scheme is taken is fine, as long as the scheme is another.
  const { name: short } = namesOf({ name, kind: 'http', scheme: given.scheme ?? 'any' })
  const kind = readKind(given.kind ?? (await ask(`Example to begin with (${kinds.join(', ')})`, kinds[0])))
  const standard = schemeFault(short) === undefined ? short : ''
  const scheme = given.scheme ?? (await ask('URL scheme', standard))
  const description = { name, kind, scheme }
  namesOf(description)
  return description
}

function readKind(text: string): Kind {
  const kind = kinds.find((known) => known === text)
  if (kind === undefined) throw new Error(`"${text}" is no kind of destination: choose one of ${kinds.join(', ')}`)
  return kind
}
