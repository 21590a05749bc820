import { join } from 'node:path'
import { build } from 'vitepress'
import { workspaceDirectory } from '../workspace.js'
import { writeApiReference } from './api-reference.js'
import { siteDirectory, stageSite } from './stage-site.js'

/** Builds the whole site into `tools/docs/dist/out/html`. Rejects when a page has a dead link. */
export async function buildSite(): Promise<void> {
  const count = await stageSite()
  await writeApiReference()
  await build(join(workspaceDirectory, 'tools/docs/site'))
  process.stdout.write(`${count} pages and the API reference: ${join(siteDirectory, 'html')}\n`)
}
