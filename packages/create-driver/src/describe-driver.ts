import { nameFault, schemeFault } from './faults.js'

/** What the example in the package delivers to: an HTTP receiver, or a store in this process that stands for a client library. */
export const kinds = ['memory', 'http'] as const
export type Kind = (typeof kinds)[number]

/** What the author of a driver decides. */
export interface DriverDescription {
  /** As typed: `my-db`, `eds-driver-my-db` or `@scope/driver-my-db`. */
  readonly name: string
  readonly kind: Kind
  /** URL scheme without colon; default: the short name. */
  readonly scheme?: string
  /** The package's name, where it should not follow from {@link name}. */
  readonly packageName?: string
}

/** All names that a package needs, made from one. */
export interface DriverNames {
  /** Of the driver: `my-db`. */
  readonly name: string
  readonly packageName: string
  /** The folder that the command makes: the name as typed, without scope. */
  readonly directory: string
  readonly scheme: string
  /** `MyDb`. */
  readonly className: string
  /** For people: `My Db`. */
  readonly title: string
}

/**
 * Derives every name of a new driver.
 *
 * @throws Error that says what is wrong with the name or the scheme, and what to choose instead.
 */
export function namesOf({ name: typed, scheme, packageName }: DriverDescription): DriverNames {
  const directory = typed.replace(/^@[^/]*\//, '')
  const name = directory.replace(/^(?:eds-)?driver-/, '')
  const fault = nameFault(typed, name) ?? schemeFault(scheme ?? name)
  if (fault !== undefined) throw new Error(fault)
  const words = name.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1))
  return {
    name,
    packageName: packageName ?? (typed === name ? `eds-driver-${name}` : typed),
    directory,
    scheme: scheme ?? name,
    className: words.join(''),
    title: words.join(' '),
  }
}
