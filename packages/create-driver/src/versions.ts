import { readFileSync } from 'node:fs'

/** Package name → version range. */
export type Versions = Readonly<Record<string, string>>

/**
 * The ranges that new packages depend on: those that this package was developed and tested with, and that a release of EDS moves
 * along with its own versions.
 */
export function testedVersions(): Versions {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { readonly devDependencies: Versions }).devDependencies
}

/** The given ones of them. Throws when one is not known: then this package is at fault. */
export function pick(versions: Versions, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => {
      const range = versions[name]
      if (range === undefined) throw new Error(`no version of ${name} is known`)
      return [name, range]
    }),
  )
}
