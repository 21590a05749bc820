import type { Name } from '../sql/ast.js'

/** The parts of a name given as text: `dbo.[my table]`, `tempdb..#stage`. */
export function splitName(text: string): Name {
  const parts = [...text.matchAll(/(?:\[((?:[^\]]|\]\])*)\]|"((?:[^"]|"")*)"|([^.]*))(?:\.|$)/g)]
  return parts
    .filter((part) => part[0] !== '')
    .map(
      ([, bracketed, quoted, bare]) => bracketed?.replaceAll(']]', ']') ?? quoted?.replaceAll('""', '"') ?? bare ?? '',
    )
}
