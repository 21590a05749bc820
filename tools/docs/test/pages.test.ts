import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { generatePages } from '../src/pages/generate-pages.js'
import { interfaceOptions } from '../src/pages/interface-options.js'
import { markdownTable } from '../src/pages/markdown-table.js'
import { sourcePackages } from '../src/pages/source-packages.js'
import { loadDriver } from '../src/pages/write-pages.js'
import { workspaceDirectory } from '../src/workspace.js'

const pages = await generatePages(loadDriver)

it.each([...pages.keys()])('%s is up to date (else: npm run docs:pages)', (path) => {
  expect(readFileSync(join(workspaceDirectory, path), 'utf8')).toBe(pages.get(path))
})

it('there is a page for every driver and source, and no other', () => {
  const packages = readdirSync(join(workspaceDirectory, 'packages'))
  const wanted = packages.flatMap((name) => /^(driver|source)-(.+)$/.exec(name)?.slice(1, 3).join('s/') ?? [])
  const there = ['drivers', 'sources'].flatMap((folder) =>
    readdirSync(join(workspaceDirectory, 'docs', folder)).map((file) => `${folder}/${file.replace('.md', '')}`),
  )
  expect(there.sort()).toEqual([...wanted, 'drivers/README', 'sources/README'].sort())
  expect(sourcePackages.map(({ folder }) => folder).sort()).toEqual(
    packages.filter((name) => name.startsWith('source-')).map((name) => `packages/${name}`),
  )
})

it('says of a driver what its definition says', () => {
  const page = pages.get('docs/drivers/postgres.md')
  expect(page).toContain('# PostgreSQL\n')
  expect(page).toContain('| `password` | string, secret |  | Its password |')
  expect(page).toContain('| a batch holds at most | 3,000 events, 2 MiB |')
})

it('reads options from an interface and its bases', () => {
  const base = '/** Base. */ export interface Base {\n /** Where {@link url} leads. */ readonly url: string }'
  const own =
    'export interface Own extends Base {\n /** Default 1,\n * or `a|b`. */\n readonly many?: readonly string[] }'
  expect(interfaceOptions([base, own], 'Own')).toEqual([
    { name: 'url', type: 'string', required: true, description: 'Where `url` leads.' },
    { name: 'many', type: 'string[]', required: false, description: 'Default 1,\nor `a|b`.' },
  ])
  expect(() => interfaceOptions([base], 'Other')).toThrow('there is no interface Other')
})

it('keeps bars and line breaks from breaking a table', () => {
  expect(markdownTable(['a', 'b'], [['1\n2', 'x|y']])).toBe('| a | b |\n|---|---|\n| 1 2 | x\\|y |')
})
