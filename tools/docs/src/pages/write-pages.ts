import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { DriverDefinition } from '@eds/core'
import { workspaceDirectory } from '../workspace.js'
import { generatePages } from './generate-pages.js'

/** Writes the pages of drivers and sources to where they are kept. */
export async function writePages(): Promise<void> {
  const pages = await generatePages(loadDriver)
  for (const [path, text] of pages) {
    await mkdir(dirname(join(workspaceDirectory, path)), { recursive: true })
    await writeFile(join(workspaceDirectory, path), text)
  }
  process.stdout.write(`${pages.size} pages written\n`)
}

/** Imports a driver package; its default export is the definition, which loads no client library. */
export async function loadDriver(name: string): Promise<DriverDefinition> {
  return ((await import(name)) as { default: DriverDefinition }).default
}
