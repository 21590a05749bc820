import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { documentationFiles, workspaceDirectory } from '../workspace.js'
import { appendReadme, placeInSite, type Surroundings } from './compose-page.js'
import { navigationOf } from './navigation.js'
import { type SitePage, sitePages } from './site-map.js'

const repositoryUrl = 'https://github.com/eds/eds/blob/main'

/** Where the site is put together; both are ignored by git. */
export const siteDirectory = join(workspaceDirectory, 'tools/docs/dist/out')
export const pagesDirectory = join(siteDirectory, 'pages')

/** Copies every page to its place in the site, with its links made right, and writes the navigation. Resolves to how many there are. */
export async function stageSite(): Promise<number> {
  await rm(siteDirectory, { recursive: true, force: true })
  const pages = sitePages(await documentationFiles())
  const surroundings = surroundingsOf(pages)
  const titled = await Promise.all(
    pages.map(async (page) => {
      const text = await textOf(page, surroundings)
      await write(join(pagesDirectory, page.path), text)
      return { path: page.path, title: titleOf(text) }
    }),
  )
  await write(join(siteDirectory, 'navigation.json'), JSON.stringify(navigationOf(titled)))
  return pages.length
}

function surroundingsOf(pages: readonly SitePage[]): Surroundings {
  const paths = new Map(
    pages.flatMap(({ file, appendix, path }) => [
      [file, path] as const,
      ...(appendix ? [[appendix, path] as const] : []),
    ]),
  )
  return { repositoryUrl, pathOf: (file) => paths.get(file) }
}

async function textOf({ path, file, appendix }: SitePage, surroundings: Surroundings): Promise<string> {
  const [main = '', below] = await Promise.all(
    [file, ...(appendix === undefined ? [] : [appendix])].map(async (name) =>
      placeInSite(await readFile(join(workspaceDirectory, name), 'utf8'), name, path, surroundings),
    ),
  )
  return below === undefined ? main : appendReadme(main, below)
}

function titleOf(text: string): string {
  return /^# (.+)$/m.exec(text)?.[1]?.replaceAll('`', '') ?? 'Untitled'
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}
