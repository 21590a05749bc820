import { readFileSync } from 'node:fs'
import { requireChromium, requireService } from '@eds/tool-services/vitest'
import { chromium } from 'playwright-core'
import { expect, it, onTestFinished, vi } from 'vitest'
import { makeTables, postgresDatabase, rules } from './databases.js'
import { running, startRealtime } from './program.js'

// Each test starts programs of its own, on a machine that may be busy.
vi.setConfig({ testTimeout: 150_000 })

const postgres = await requireService('postgres')
const browserProgram = await requireChromium()
const page = readFileSync(new URL('../../../../docs/examples/realtime/index.html', import.meta.url), 'utf8')

/** The example page in a real browser, as if the server at `url` had it. */
async function openPage(url: string, token: string) {
  const { executable: executablePath } = browserProgram
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
  onTestFinished(() => browser.close())
  const opened = await browser.newPage()
  await opened.route(`${url}/live*`, (route) => route.fulfill({ body: page, contentType: 'text/html' }))
  await opened.goto(`${url}/live?token=${token}`)
  const texts = (selector: string) => opened.locator(selector).allTextContents()
  return { status: () => texts('#status'), rows: () => texts('#rows tr') }
}

postgres.describe('the example page', () => {
  browserProgram.describe('in Chromium', () => {
    it('shows rows as they change, and only those that its user may see', async () => {
      const database = await postgresDatabase(postgres.url)
      await makeTables(database)
      const program = await startRealtime({ environment: { ...database.environment, ...rules, SECURITY_TOKEN: 's' } })
      await running(program)
      const first = await openPage(program.url, 'one')
      const stranger = await openPage(program.url, 'three')
      await expect.poll(first.status).toEqual(['connected as user 1'])
      await expect.poll(stranger.status).toEqual(['401: Unauthorized'])

      await database.run(`INSERT INTO orders VALUES (1, 1, '<b>mine</b>', 'secret'), (2, 2, 'yours', 'secret')`)
      await database.run(`INSERT INTO messages VALUES (1, 2, 1)`)
      await database.run(`INSERT INTO news VALUES (1, 'for all')`)
      await expect.poll(async () => (await first.rows()).length).toBe(3)
      const [news, message, order] = await first.rows()
      expect(news).toMatch(/^news1insert{"id":1,"title":"for all"}/)
      expect(message).toMatch(/^messages1insert{"id":1,"sender":2,"receiver":1}/)
      // As text, not as markup, and without the filtered column.
      expect(order).toContain('"note":"<b>mine</b>"')
      expect(order).not.toContain('secret')

      await database.run(`UPDATE orders SET note = 'changed' WHERE id = 1`)
      await expect.poll(async () => (await first.rows())[0]).toMatch(/^orders1update.*changed/)
      const body = { securityToken: 's', data: { id: 7 }, type: 'insert', userId: '1', table: 'published' }
      await fetch(`${program.url}/publish`, { method: 'POST', body: JSON.stringify(body) })
      await expect.poll(async () => (await first.rows())[0]).toMatch(/^published7insert/)
      expect(await first.rows()).toHaveLength(4)
      expect(await stranger.rows()).toEqual([])
    })
  })
})
