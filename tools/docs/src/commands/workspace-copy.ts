import { execFile } from 'node:child_process'
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { workspaceDirectory } from '../workspace.js'

const run = promisify(execFile)

/** A copy of the repository in which commands may write as they like. */
export interface WorkspaceCopy {
  readonly directory: string
  remove(): Promise<void>
}

/**
 * Copies the repository as a reader has it after `npm install`: its files, what was built, and what is installed, the latter by hard links
 * (npm replaces files, it does not write into them).
 */
export async function copyWorkspace(): Promise<WorkspaceCopy> {
  const directory = await mkdtemp(join(tmpdir(), 'eds-docs-'))
  const words = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  const { stdout } = await run('git', words, { cwd: workspaceDirectory, maxBuffer: 64 * 1024 * 1024 })
  const files = stdout.split('\0').filter((path) => path !== '')
  const folders = await workspaceFolders()
  const built = folders.flatMap((folder) => ['dist', 'out-tsc'].map((name) => `${folder}/${name}`))
  for (const path of [...files, ...built]) {
    const options = { recursive: true, verbatimSymlinks: true, preserveTimestamps: true }
    await cp(join(workspaceDirectory, path), join(directory, path), options).catch(ignoreMissing)
  }
  for (const folder of ['.', ...folders]) await linkModules(folder, directory)
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) }
}

async function workspaceFolders(): Promise<string[]> {
  const parents = ['packages', 'apps', 'tools', 'docs/examples']
  const lists = await Promise.all(
    parents.map(async (parent) => (await readdir(join(workspaceDirectory, parent))).map((name) => `${parent}/${name}`)),
  )
  // The documentation's own output is the largest of all, and no command needs it.
  return lists.flat().filter((folder) => folder !== 'tools/docs')
}

async function linkModules(folder: string, directory: string): Promise<void> {
  const target = join(directory, folder, 'node_modules')
  const source = join(workspaceDirectory, folder, 'node_modules')
  await readdir(source).then(() => run('cp', ['-al', source, join(dirname(target), '/')]), ignoreMissing)
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error
}
