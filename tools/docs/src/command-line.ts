import { deadLinks } from './links/check-links.js'
import { documentationFiles, workspaceDirectory } from './workspace.js'

const commands: Readonly<Record<string, (words: readonly string[]) => Promise<void>>> = {
  build: async () => {
    // Loaded where it is used: the generators are large.
    const { buildSite } = await import('./site/build-site.js')
    await checkLinks()
    await buildSite()
  },
  commands: async (pages) => (await import('./commands/test-commands.js')).testCommands(pages),
  links: checkLinks,
  pages: async () => (await import('./pages/write-pages.js')).writePages(),
}

/** Runs one of the documentation's tools. Resolves to the exit code. */
export async function main([name = '', ...words]: readonly string[]): Promise<number> {
  const command = commands[name]
  if (command === undefined) {
    process.stderr.write(`docs: one of ${Object.keys(commands).join(', ')}\n`)
    return 3
  }
  try {
    await command(words)
    return 0
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    return 1
  }
}

async function checkLinks(): Promise<void> {
  const pages = await documentationFiles()
  const dead = await deadLinks(workspaceDirectory, pages)
  if (dead.length > 0) throw new Error(`dead links:\n${dead.join('\n')}`)
  process.stdout.write(`links of ${pages.length} pages are good\n`)
}
