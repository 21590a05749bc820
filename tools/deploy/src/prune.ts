import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Read by people, editors and debuggers, never by Node.js when a program runs. */
const uselessFile = /\.(?:map|d\.[cm]?ts|tsbuildinfo|md|markdown|flow)$/i
const license = /^(?:licen[cs]e|notice|copying)/i

/**
 * Folders for browsers and other module systems, by package, that `main` and `exports` do not name for Node.js.
 */
const uselessFolder =
  /(?:^|\/)(?:@opentelemetry\/[^/]+\/build\/(?:esm|esnext)|@azure\/[^/]+\/dist\/(?:browser|react-native|workerd)|@typespec\/[^/]+\/dist\/(?:browser|react-native)|@azure\/msal-browser|@js-joda\/core\/src|moment\/(?:src|dist|min)|@(?:aws-sdk|smithy)\/[^/]+\/dist-types|zod\/src|web-streams-polyfill\/(?:src|types))$/

/** Whether a path below `node_modules` can go, a folder as a whole. Licences stay. */
export function isUseless(path: string, isFolder: boolean, platform: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (isFolder) return uselessFolder.test(path)
  if (name.endsWith('.node')) return /\.musl\.node$/.test(name) && platform === 'glibc'
  return uselessFile.test(name) && !license.test(name)
}

/** Removes from an installed `node_modules` what a running program does not read. */
export async function prune(folder: string, path = ''): Promise<void> {
  for (const entry of await readdir(join(folder, path), { withFileTypes: true })) {
    const inner = path === '' ? entry.name : `${path}/${entry.name}`
    if (isUseless(inner, entry.isDirectory(), 'glibc')) await rm(join(folder, inner), { recursive: true })
    else if (entry.isDirectory()) await prune(folder, inner)
  }
}
