import { isSecretName, parseUrl } from '@eds/core'
import { type Problem, pathText } from './problems.js'

export type Environment = Readonly<Record<string, string | undefined>>

export interface Resolved {
  readonly value: unknown
  readonly problems: readonly Problem[]
  /** Values that must not be shown. */
  readonly secrets: readonly string[]
}

/** `NAME` → `${NAME}`. */
export function referenceTo(name: string): string {
  return `\${${name}}`
}

/** `$${` is a `${` that means itself. */
const reference = /\$\$\{|\$\{([^}]*)\}/g
const referenceText = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s

/**
 * Puts variables of the environment in the place of `${NAME}`, and of `${NAME:-this instead}` where it is missing, in every text of a value. As the password of
 * a URL (`://user:${PASSWORD}@`) a variable may hold any characters. An empty variable counts as missing.
 */
export function resolveReferences(value: unknown, environment: Environment): Resolved {
  const problems: Problem[] = []
  const secrets: string[] = []
  const resolve = (text: string, path: readonly PropertyKey[]): string =>
    text.replace(reference, (match, name: string | undefined, at: number) => {
      if (name === undefined) return '${'
      const found = lookUp(name, environment)
      if ('problem' in found) {
        problems.push({ path: pathText(path), message: found.problem })
        return match
      }
      const isPassword = text[at - 1] === ':' && text[at + match.length] === '@'
      if (isPassword || isSecretName(found.name)) secrets.push(found.value)
      secrets.push(...passwordsIn(found.value))
      return isPassword ? encodeURIComponent(found.value) : found.value
    })
  const walk = (item: unknown, path: readonly PropertyKey[]): unknown => {
    if (typeof item === 'string') return resolve(item, path)
    if (Array.isArray(item)) return item.map((element, index) => walk(element, [...path, index]))
    if (typeof item !== 'object' || item === null) return item
    return Object.fromEntries(Object.entries(item).map(([name, member]) => [name, walk(member, [...path, name])]))
  }
  return { value: walk(value, []), problems, secrets }
}

function lookUp(text: string, environment: Environment): { name: string; value: string } | { problem: string } {
  const [, name, fallback] = referenceText.exec(text) ?? []
  if (name === undefined) return { problem: `\${${text}} names no variable: write \${NAME} or \${NAME:-default}` }
  const value = environment[name] || fallback
  return value === undefined
    ? { problem: `the environment variable ${name} is not set: export it, or put it into .env next to the file` }
    : { name, value }
}

/** A whole URL may be in a variable. */
function passwordsIn(text: string): string[] {
  if (!text.includes('://')) return []
  try {
    const { password } = parseUrl(text)
    return password === undefined ? [] : [password]
  } catch {
    return []
  }
}
