import { isDeepStrictEqual } from 'node:util'
import { parse, stringify } from 'smol-toml'

/** Keys at the top of a TOML file; `undefined` removes one. */
export type TomlChanges = Readonly<Record<string, string | boolean | undefined>>

const value = String.raw`(?:"(?:[^"\\]|\\.)*"|'[^']*'|true|false)`

/**
 * Changes keys at the top of a TOML text. Comments, order and all other keys stay as they are where the text is written plainly, one
 * key on a line; where it is not, the whole is written anew, with the same meaning and without its comments.
 *
 * @throws TomlError when the text is not TOML.
 */
export function editToml(text: string, changes: TomlChanges): string {
  const wanted = applied(parse(text), changes)
  const edited = Object.entries(changes).reduce((before, [key, item]) => editKey(before, key, item), text)
  return means(edited, wanted) ? edited : stringify(wanted)
}

function applied(document: Record<string, unknown>, changes: TomlChanges): Record<string, unknown> {
  const entries = Object.entries({ ...document, ...changes })
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined))
}

function editKey(text: string, key: string, item: string | boolean | undefined): string {
  const line = new RegExp(String.raw`^([ \t]*(?:${key}|"${key}")[ \t]*=[ \t]*)${value}([ \t]*(?:#.*)?)$\n?`, 'm')
  const tables = text.search(/^[ \t]*\[/m)
  const top = tables < 0 ? text : text.slice(0, tables)
  const rest = text.slice(top.length)
  if (item === undefined) return top.replace(line, '') + rest
  const assignment = stringify({ [key]: item }).trimEnd()
  if (line.test(top)) {
    const written = assignment.slice(assignment.indexOf('=') + 1).trim()
    return top.replace(line, (_, start: string, comment: string) => `${start}${written}${comment}\n`) + rest
  }
  return `${top === '' || top.endsWith('\n') ? top : `${top}\n`}${assignment}\n${rest}`
}

function means(text: string, wanted: Record<string, unknown>): boolean {
  try {
    return isDeepStrictEqual({ ...parse(text) }, wanted)
  } catch {
    return false
  }
}
