/** An entry of the site's side bar, as VitePress has it. */
export interface NavigationItem {
  readonly text: string
  readonly link?: string
  readonly collapsed?: boolean
  readonly items?: readonly NavigationItem[]
}

/** A page of the site as the side bar needs it. */
export interface TitledPage {
  readonly path: string
  readonly title: string
}

/** Guides in the order in which one reads them; those that are not named here come last, by title. */
const groups: readonly (readonly [title: string, paths: RegExp, first: readonly string[]])[] = [
  ['Start', /^(?:index|getting-started)\.md$/, ['index.md', 'getting-started.md']],
  [
    'Concepts',
    /^(?:delivery|ordering|schemas|dead-letters|types|partitions|synchronisation)\.md$/,
    ['delivery.md', 'ordering.md'],
  ],
  ['Migrating', /^migrating-from-/, []],
  ['Guides', /^[^/]+\.md$/, ['eds.md', 'configuration.md', 'importing.md', 'deploying.md', 'operations.md', 'hq.md']],
  ['Destinations', /^drivers\//, ['drivers/index.md']],
  ['Sources', /^sources\//, ['sources/index.md']],
  ['Packages', /^packages\//, []],
  ['Decisions', /^adr\//, []],
  ['Tools of the repository', /^(?:tools|benchmarks|examples)\//, []],
]

const project = new Set(['changelog.md', 'contributing.md', 'security.md', 'code-of-conduct.md'])

/** The side bar: every page is in exactly one group. */
export function navigationOf(pages: readonly TitledPage[]): NavigationItem[] {
  let rest = pages.filter(({ path }) => !project.has(path))
  const shown = groups.map(([text, pattern, first]) => {
    const inGroup = rest.filter(({ path }) => pattern.test(path))
    rest = rest.filter((page) => !inGroup.includes(page))
    return group(text, inOrder(inGroup, first))
  })
  const about = pages.filter(({ path }) => project.has(path))
  const all = [...shown, group('API', [{ path: 'api/index.md', title: 'All packages' }]), group('Project', about)]
  if (rest.length > 0) all.push(group('More', rest))
  return all.filter(({ items }) => items?.length !== 0)
}

function group(text: string, pages: readonly TitledPage[]): NavigationItem {
  const items = pages.map(({ path, title }) => ({ text: title, link: `/${path.replace(/(?:index)?\.md$/, '')}` }))
  return { text, collapsed: pages.length > 8, items }
}

function inOrder(pages: readonly TitledPage[], first: readonly string[]): TitledPage[] {
  const rank = ({ path }: TitledPage) => (first.includes(path) ? first.indexOf(path) : first.length)
  return [...pages].sort((a, b) => rank(a) - rank(b) || (a.title < b.title ? -1 : 1))
}
