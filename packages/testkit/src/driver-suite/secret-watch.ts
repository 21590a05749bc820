import { createRedactor, type DriverDefinition, maskConfig, secretsOf } from '@eds/core'
import { ContractViolation } from '../conformance/violation.js'

const promise = 'no error, no log line and no report holds a secret (EdsError, Logger, ProbeReport.summary)'

/** Cannot occur in a message by chance, and needs escaping in a URL. */
export const secretMarker = 's3cr3t/p@ss#w:rd?&=%'

/** The marker, and what is left of it when a URL or a connection string with it is read wrongly. */
export const markerForms: readonly string[] = [secretMarker, secretMarker.slice(0, 7), 'ss#w:rd']

/**
 * The secrets of a configuration that would not stand in a text by chance: `postgres` as a password is also the name of a product, a
 * user and a database.
 */
export function tellingSecrets<Config>(definition: DriverDefinition<Config>, config: Config): string[] {
  const { name, title, description, schemes } = definition
  const harmless = JSON.stringify([
    name,
    title,
    description,
    schemes,
    maskConfig(definition.config, config),
  ]).toLowerCase()
  return secretsOf(definition.config, config).filter((secret) => {
    const isWord = secret.length < 6 || /^(?:[a-z]*|\d*)$/i.test(secret)
    return !isWord && !harmless.includes(secret.toLowerCase())
  })
}

/** Looks for secrets in whatever a driver lets out. */
export class SecretWatch {
  readonly #secrets = new Set<string>()
  #redact: (text: string) => string = (text) => text
  /** The first place where one was found. */
  #finding: string | undefined

  /** Adds secrets to look for from now on. */
  guard(secrets: Iterable<string>): void {
    for (const secret of secrets) this.#secrets.add(secret)
    this.#redact = createRedactor(this.#secrets)
  }

  /** Looks at an error, its fix and its causes. What it finds is kept for {@link demandHidden}, so that no driver can catch it. */
  see(call: string, error: unknown): void {
    this.#search(`an error of ${call}`, textsOf(error).join('\n'))
  }

  /** Fails when a secret was seen, or stands in one of these texts. */
  demandHidden(what: string, texts: readonly string[]): void {
    for (const text of texts) this.#search(what, text)
    if (this.#finding !== undefined) throw new ContractViolation(this.#finding, { promise })
  }

  #search(what: string, text: string): void {
    const redacted = this.#redact(text)
    if (redacted !== text) this.#finding ??= `${what} shows a secret: ${redacted}`
  }
}

/** Causes may be nested, but not for ever. */
const maxDepth = 10

function textsOf(error: unknown, depth = 0): string[] {
  if (!(error instanceof Error) || depth === maxDepth) return [String(error)]
  // What an EdsError and an AggregateError have besides; any other error may have anything there.
  const { message, cause, fix, errors } = error as Error & { readonly fix?: unknown; readonly errors?: unknown }
  const below = [...(cause === undefined ? [] : [cause]), ...(Array.isArray(errors) ? errors : [])]
  return [message, ...(fix === undefined ? [] : [String(fix)]), ...below.flatMap((inner) => textsOf(inner, depth + 1))]
}
