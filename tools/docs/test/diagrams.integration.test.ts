import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { requireChromium } from '@eds/tool-services/vitest'
import { chromium } from 'playwright-core'
import { expect, it } from 'vitest'
import { documentationFiles, workspaceDirectory } from '../src/workspace.js'

const browser = await requireChromium()
const script = createRequire(import.meta.url).resolve('mermaid/dist/mermaid.min.js')
const diagrams = (await documentationFiles()).flatMap((page) => {
  const text = readFileSync(join(workspaceDirectory, page), 'utf8')
  return [...text.matchAll(/^```mermaid\n([\s\S]*?)^```$/gm)].map(([, diagram = '']) => ({ page, diagram }))
})

browser.describe('diagrams', () => {
  it('can all be drawn', async () => {
    const running = await chromium.launch({ executablePath: browser.executable, args: ['--no-sandbox'] })
    try {
      const page = await running.newPage()
      await page.addScriptTag({ path: script })
      const draw = (diagram: string) =>
        page.evaluate(`mermaid.render('drawing', ${JSON.stringify(diagram)}).then(() => '', (error) => error.message)`)
      expect(await draw('flowchart LR\n A[[x --> B')).toContain('Parse error')
      expect(diagrams.length).toBeGreaterThan(4)
      for (const { page, diagram } of diagrams) expect(`${page} ${await draw(diagram)}`).toBe(`${page} `)
    } finally {
      await running.close()
    }
  })
})
