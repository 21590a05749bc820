import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { anchorsOf, linksOf } from './markdown.js'

/** What lies outside of the repository is not looked at: a build must not depend on other people's servers. */
export const isExternal = (target: string): boolean => /^[a-z][a-z0-9+.-]*:/i.test(target)

/**
 * Looks at every link of these pages that stays inside the repository: its file or folder must exist, and its heading, when it names one.
 * Resolves to one line for each dead link, `docs/types.md:12: …`.
 */
export async function deadLinks(root: string, pages: readonly string[]): Promise<string[]> {
  const texts = new Map(await Promise.all(pages.map(async (page) => [page, await read(root, page)] as const)))
  return pages.flatMap((page) =>
    linksOf(texts.get(page) ?? '')
      .filter(({ target }) => !isExternal(target))
      .flatMap(({ target, line }) => {
        const problem = problemOf(root, page, target, texts)
        return problem === undefined ? [] : [`${page}:${line}: ${target}: ${problem}`]
      }),
  )
}

function problemOf(root: string, page: string, target: string, texts: ReadonlyMap<string, string>): string | undefined {
  const [path = '', anchor] = target.split('#', 2)
  const file = path === '' ? page : posix.normalize(posix.join(posix.dirname(page), decodeURI(path)))
  if (file.startsWith('..')) return 'leads out of the repository'
  if (!existsSync(join(root, file))) return `there is no ${file}`
  if (anchor === undefined) return undefined
  const text = texts.get(file) ?? texts.get(posix.join(file, 'README.md'))
  return text !== undefined && !anchorsOf(text).has(anchor) ? `${file} has no heading "${anchor}"` : undefined
}

function read(root: string, page: string): Promise<string> {
  return readFile(join(root, page), 'utf8')
}
