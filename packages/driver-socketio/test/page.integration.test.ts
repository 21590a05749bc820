import { readFileSync } from 'node:fs'
import { afterEach, expect, it } from 'vitest'
import { Stage } from './stage.js'

let stage: Stage

afterEach(() => stage.close())

it('the example page finds the client library at the server', async () => {
  const page = readFileSync(new URL('../../../docs/examples/realtime/index.html', import.meta.url), 'utf8')
  const [, file] = /\$\{path\}(\/[\w./]+)`/.exec(page) ?? []
  stage = await Stage.open()
  const response = await fetch(`${stage.url}/socket.io${file}`)
  expect([response.status, response.headers.get('content-type')]).toEqual([200, expect.stringContaining('javascript')])
  expect(await response.text()).toContain('export{')
})
