import { posix } from 'node:path'

/** Pages that are not named after their place in the repository. */
const named: Readonly<Record<string, string>> = {
  'README.md': 'index.md',
  'docs/README.md': 'index.md',
  'apps/server/README.md': 'eds.md',
  'CODE_OF_CONDUCT.md': 'code-of-conduct.md',
}

/** Where a page of the repository is in the site; a driver's README is a part of the page about the driver. */
export function sitePathOf(file: string): string {
  const fixed = named[file]
  if (fixed !== undefined) return fixed
  const [, kind, name] = /^packages\/(driver|source)-([^/]+)\/README\.md$/.exec(file) ?? []
  if (kind !== undefined) return `${kind}s/${name}.md`
  if (file.startsWith('docs/')) return file.slice('docs/'.length).replace(/README\.md$/, 'index.md')
  if (!file.includes('/')) return file.toLowerCase()
  return file.replace(/\/README\.md$/, '.md')
}

/** A page of the site: its main file, and one that is put below it. */
export interface SitePage {
  readonly path: string
  readonly file: string
  readonly appendix?: string
}

/** Puts files of the repository together to pages. `files` are Markdown files from the top of the repository. */
export function sitePages(files: readonly string[]): SitePage[] {
  const paths = [...new Set(files.map(sitePathOf))]
  return paths.map((path) => {
    const [file = '', appendix] = files.filter((other) => sitePathOf(other) === path).sort()
    return { path, file, ...(appendix === undefined ? {} : { appendix }) }
  })
}

/** A link of one page to another as the site has it: relative, without `.md`. */
export function siteLink(from: string, to: string): string {
  const path = posix.relative(posix.dirname(from), to)
  return path.startsWith('.') ? path : `./${path}`
}
