import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { shopSchemas } from '@eds/shop'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parse, stringify } from 'yaml'
import { nameProblems } from '../../src/config/name-problems.js'
import { runEds, temporaryFolder } from '../eds.js'
import { eventText } from '../world.js'

/** A folder whose configuration delivers one customer from a file into a folder; the shop's schemas are next to it. */
function folderWith(more: object): string {
  const cwd = temporaryFolder()
  const row = { id: 'c1', lastName: 'Okapi' }
  writeFileSync(join(cwd, 'events.ndjson'), `${eventText({ table: 'customer', row })}\n`)
  writeFileSync(join(cwd, 'schemas.json'), JSON.stringify(shopSchemas().versions))
  const source = { type: 'file', paths: ['events.ndjson'] }
  const sinks = [{ name: 'out', url: `file://${cwd}/out?format=ndjson` }]
  writeFileSync(join(cwd, 'eds.config.yaml'), stringify({ source, port: 0, sinks, schema: 'schemas.json', ...more }))
  return cwd
}

const misspelt = { transforms: [{ table: 'customer', columns: { mask: ['lastNmae'] } }] }
const fault = /transforms\[0\]\.columns\.mask: table "customer" has no column "lastNmae" \(did you mean "lastName"\?\)/

async function addressOf(answer: () => { status: number; body: string }): Promise<string> {
  const server = createServer((_request, response) => {
    const { status, body } = answer()
    response.writeHead(status, { 'content-type': 'application/json' }).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('a misspelt column that is to be masked', () => {
  it('keeps eds server from starting, so that nothing is delivered readable', async () => {
    const cwd = folderWith(misspelt)
    const { code, stderr } = await runEds(['server'], { cwd })
    expect(stderr).toMatch(fault)
    expect(code).toBe(3)
    expect(existsSync(join(cwd, 'out', 'customer'))).toBe(false)
  })

  it('is found by eds check, with exit code 3', async () => {
    const { code, stdout } = await runEds(['check'], { cwd: folderWith(misspelt) })
    expect(stdout).toMatch(/schemas +FAILED/)
    expect(stdout).toMatch(fault)
    expect(code).toBe(3)
  })

  it('is found by what a registry lists', async () => {
    const body = JSON.stringify(shopSchemas().document())
    const schema = await addressOf(() => ({ status: 200, body }))
    const { code, stderr } = await runEds(['server'], { cwd: folderWith({ ...misspelt, schema }) })
    expect(stderr).toMatch(fault)
    expect(code).toBe(3)
  })

  it('is found in the rules of a sink, wherever it stands in the file', async () => {
    const cwd = temporaryFolder()
    const out = `file://${cwd}/out`
    const named = folderWith({
      sinks: [
        { name: 'a', url: out },
        { name: 'b', url: out, ...misspelt },
      ],
    })
    const { code, stderr } = await runEds(['server', '--url', `b=${out}`], { cwd: named })
    expect(stderr).toMatch(/sinks\[1\]\.transforms\[0\]\.columns\.mask: table "customer" has no column/)
    expect(code).toBe(3)
  })
})

describe('a table that no schema has', () => {
  const filters = { tables: { include: ['customer', 'ordr'] } }

  it('is remarked on by eds server, and by eds check', async () => {
    const cwd = folderWith({ filters })
    const remark = /filters\.tables\.include: there is no schema of a table "ordr" \(did you mean "order"\?\)/
    const checked = await runEds(['check'], { cwd })
    expect(checked.stdout).toMatch(remark)
    expect(checked.code).toBe(0)
    const served = await runEds(['server'], { cwd })
    expect(served.stderr).toMatch(remark)
    expect(served.code).toBe(0)
    expect(existsSync(join(cwd, 'out', 'customer'))).toBe(true)
  })

  it('does not make delivery wait for a registry that is away, where there are filters only', async () => {
    const schema = await addressOf(() => ({ status: 503, body: '' }))
    const cwd = folderWith({ filters: { tables: { include: ['order', 'ordr'] } }, schema })
    const { code, stderr } = await runEds(['server'], { cwd })
    expect(stderr).toMatch(/names in filters were not compared with the schemas: GET .* answered 503/)
    expect(code).toBe(0)
  })
})

it('eds check says that nothing is compared where schemas are inferred', async () => {
  const inferred = await runEds(['check'], { cwd: folderWith({ ...misspelt, schema: undefined }) })
  expect(inferred.stdout.match(/were not compared with anything/g)).toHaveLength(1)
  expect(inferred.code).toBe(0)
  const without = await runEds(['check'], { cwd: folderWith({ schema: undefined }) })
  expect(without.stdout).not.toMatch(/compared/)
})

it('the example in docs/configuration.md fits the schemas of the shop', () => {
  const text = readFileSync(new URL('../../../../docs/configuration.md', import.meta.url), 'utf8')
  const example = parse(/```yaml\n(.*?)```/s.exec(text)?.[1] ?? '')
  expect(example.transforms).toHaveLength(1)
  const rules = [{ place: '', ...example }, ...example.sinks.map((sink: object) => ({ place: 'sink.', ...sink }))]
  expect(nameProblems(rules, shopSchemas().versions)).toEqual({ problems: [], warnings: [] })
})
