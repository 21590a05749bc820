import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { deadLinks } from '../src/links/check-links.js'
import { documentationFiles, workspaceDirectory } from '../src/workspace.js'

it('tells which links are dead, where, and why', async () => {
  const root = await mkdtemp(join(tmpdir(), 'eds-links-'))
  onTestFinished(() => rm(root, { recursive: true }))
  await writeFile(join(root, 'a.md'), '# A\n[good](b.md#there) [self](#a) [out](https://example.com/x)\n[bad](c.md)\n')
  await writeFile(join(root, 'b.md'), '## There\n[bad](a.md#gone) [out](../x.md)\n')
  expect(await deadLinks(root, ['a.md', 'b.md'])).toEqual([
    'a.md:3: c.md: there is no c.md',
    'b.md:2: a.md#gone: a.md has no heading "gone"',
    'b.md:2: ../x.md: leads out of the repository',
  ])
})

it('the documentation has no dead link', async () => {
  expect(await deadLinks(workspaceDirectory, await documentationFiles())).toEqual([])
})
