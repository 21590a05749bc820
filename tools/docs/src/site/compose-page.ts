import { posix } from 'node:path'
import { isExternal } from '../links/check-links.js'
import { proseLines } from '../links/markdown.js'
import { siteLink } from './site-map.js'

/** What a page needs to know of everything else. */
export interface Surroundings {
  /** Where in the site a file of the repository is read; undefined when it is not. */
  pathOf(file: string): string | undefined
  /** Where the repository can be looked at, for files that are no pages: `https://…/blob/main`. */
  readonly repositoryUrl: string
}

/** Rewrites the links of a file of the repository for its place in the site. Lines of code stay as they are. */
export function placeInSite(text: string, file: string, path: string, surroundings: Surroundings): string {
  const prose = proseLines(text)
  const lines = text.split('\n').map((line, index) => {
    if (prose[index] !== line) return line
    return line.replace(/(\]\()<?([^)\s>]+)>?/g, (_, opening: string, target: string) => {
      return `${opening}${placedTarget(target, file, path, surroundings)}`
    })
  })
  return lines.join('\n').replace(/<!--[\s\S]*?-->\n?/g, '')
}

function placedTarget(target: string, file: string, path: string, surroundings: Surroundings): string {
  if (isExternal(target) || target.startsWith('#')) return target
  const [name = '', anchor] = target.split('#', 2)
  const found = posix.normalize(posix.join(posix.dirname(file), name)).replace(/\/$/, '')
  const page = surroundings.pathOf(found) ?? surroundings.pathOf(`${found}/README.md`)
  const suffix = anchor === undefined ? '' : `#${anchor}`
  return `${page === undefined ? `${surroundings.repositoryUrl}/${found}` : siteLink(path, page)}${suffix}`
}

/**
 * Puts what a package's README says below the page that was made from its definition: without its title, its installation and its
 * option table, which stand above already.
 */
export function appendReadme(page: string, readme: string): string {
  const body = readme
    .replace(/^# .*\n+/, '')
    .replace(/^```sh\nnpm install [^\n]*\n```\n+/m, '')
    .replace(/^\| option \|.*\n(?:\|.*\n)+\n?/m, 'All options are in the table above.\n\n')
  return `${page.trimEnd()}\n\n${body}`
}
