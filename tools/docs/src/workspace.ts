import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export const workspaceDirectory = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))))

/** Markdown that no reader of the documentation sees: forms of the repository's host, and what a scaffold copies. */
const unread = /^\.github\/|\/template\/|\/fixtures\//

/** Every page of documentation in the repository, as paths from its top, sorted; what is ignored does not count. */
export async function documentationFiles(root: string = workspaceDirectory): Promise<string[]> {
  const words = ['ls-files', '--cached', '--others', '--exclude-standard', '--', '*.md']
  const { stdout } = await promisify(execFile)('git', words, { cwd: root, maxBuffer: 16 * 1024 * 1024 })
  const files = [...new Set(stdout.split('\n'))].filter((path) => path !== '' && !unread.test(path))
  return files.filter((path) => existsSync(join(root, path))).sort()
}
