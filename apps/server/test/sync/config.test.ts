import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeEvent } from '@eds/core'
import { describe, expect, it } from 'vitest'
import { parseDocument } from 'yaml'
import { endpointsOf } from '../../src/sync/event-rules.js'
import { checkProgramConfig, programConfigJsonSchema } from '../../src/sync/sync-program-config.js'
import { runEds, temporaryFolder } from '../eds.js'

const config = {
  serviceName: 'orders',
  trigger: { type: 'window', observationPeriod: 60 },
  endpoints: [{ eventKey: 'paid', from: [{ table: 'order' }] }, { eventKey: 'packed' }],
  targetPubSub: { topic: 'projects/p/topics/orders' },
}

describe('the configuration', () => {
  it('has the JSON Schema that is published', async () => {
    const published = JSON.parse(
      readFileSync(new URL('../../../../docs/eventsync.schema.json', import.meta.url), 'utf8'),
    )
    expect(programConfigJsonSchema()).toEqual(published)
    const { stdout } = await runEds(['sync', '--print-schema'])
    expect(JSON.parse(stdout)).toEqual(published)
  })

  it('keeps rules apart from what EventSync knows', () => {
    const { config: checked, problems, warnings } = checkProgramConfig(config, { requireTarget: true })
    expect({ problems, warnings }).toEqual({ problems: [], warnings: [] })
    expect([...(checked?.rules ?? [])]).toEqual([['paid', [{ table: 'order' }]]])
  })

  it('says in words what is wrong with rules', () => {
    const from = [{ operation: 'upsert' }, { tabel: 'order' }, { where: { 'after.total': {} } }, { table: 5 }, 'order']
    const wrong = {
      ...config,
      endpoints: [
        { eventKey: 'paid', from },
        { eventKey: 'packed', from: [] },
      ],
    }
    const { problems } = checkProgramConfig(wrong, { requireTarget: true })
    expect(problems.map(({ path, message }) => `${path} ${message}`)).toEqual([
      'endpoints[0].from[0].operation must be INSERT, UPDATE or DELETE',
      'endpoints[0].from[1].tabel is unknown',
      'endpoints[0].from[1] must say something: table, operation or where',
      'endpoints[0].from[2].where["after.total"] must be a text, a number, true or false or null',
      'endpoints[0].from[3].table must be a text or a list',
      'endpoints[0].from[4] must be an object',
      'endpoints[1].from must not be empty',
    ])
  })

  it('is remarked on where a rule can never hold', () => {
    const where = { 'aftr.status': 'paid', 'after.status': 'paid', before: 'x', companyId: 'c1' }
    const endpoints = [{ eventKey: 'paid', from: [{ table: 'order' }, { where }] }, { eventKey: 'packed' }]
    const { warnings } = checkProgramConfig({ ...config, endpoints }, { requireTarget: true })
    expect(warnings).toEqual([
      {
        path: 'endpoints[0].from[1].where["aftr.status"]',
        message: 'never holds: change events have no "aftr" (did you mean "after"?); columns are in after and before',
      },
      { path: 'endpoints[0].from[1].where["before"]', message: 'never holds: name a column, such as before.status' },
    ])
  })

  it.each(['json', 'yaml'])('that is wrong ends the program with exit code 3, naming everything (%s)', async (kind) => {
    const cwd = temporaryFolder()
    const wrong = {
      ...config,
      trigger: { type: 'x', observationPeriod: 0 },
      endpoints: [{ eventKey: 'a', from: [{}] }, { eventKey: 'a' }],
    }
    const text = kind === 'json' ? JSON.stringify(wrong) : String(parseDocument(JSON.stringify(wrong)))
    writeFileSync(join(cwd, `sync.${kind}`), text)
    const { code, stderr } = await runEds(['sync', '--config', `sync.${kind}`], { cwd })
    expect(code).toBe(3)
    for (const path of ['trigger.type', 'trigger.observationPeriod', 'endpoints[0].from[0]', 'endpoints[1].eventKey']) {
      expect(stderr).toContain(path)
    }
  })

  it.each([
    [{}, /no configuration: .*--config.*CONFIG/],
    [{ CONFIG: '{"serviceName": "a"\n "trigger": }' }, /CONFIG is neither JSON nor YAML/],
    [{ CONFIG: JSON.stringify(config), ASYNC_EVENT_TRIGGER: 'perhaps' }, /ASYNC_EVENT_TRIGGER/],
    [{ CONFIG: JSON.stringify(config), PORT: 'x' }, /PORT/],
    [{ CONFIG: JSON.stringify(config), PROJECT_ID: 'My Shop' }, /error: "My Shop" is not the id .*PROJECT_ID\n$/],
  ])('from the environment %j is refused', async (env, message) => {
    const { code, stderr } = await runEds(['sync'], { cwd: temporaryFolder(), env })
    expect([code, stderr]).toEqual([3, expect.stringMatching(message)])
  })
})

describe('rules', () => {
  const event = decodeEvent({
    position: '1',
    time: 0,
    bytes: Buffer.from(
      JSON.stringify({
        operation: 'UPDATE',
        id: 'e',
        table: 'order',
        key: ['r', '1'],
        modelVersion: 'v',
        companyId: 'c1',
        after: { id: '1', status: 'paid', total: 5, lines: [{ sku: 'x' }], note: null, open: false },
        timestamp: 1,
        mvccTimestamp: '1.0',
      }),
    ),
  })

  it.each([
    [{ table: 'order' }, true],
    [{ table: ['invoice', 'order'] }, true],
    [{ table: 'Order' }, false],
    [{ operation: 'UPDATE' }, true],
    [{ operation: ['INSERT', 'DELETE'] }, false],
    [{ where: { 'after.status': 'paid' } }, true],
    [{ where: { 'after.status': 'paid', 'after.total': 5 } }, true],
    [{ where: { 'after.status': 'paid', 'after.total': '5' } }, false],
    [{ where: { 'after.lines.0.sku': 'x', 'after.note': null, 'after.open': false } }, true],
    [{ where: { 'after.missing': null } }, false],
    [{ where: { 'before.status': 'paid' } }, false],
    [{ where: { companyId: 'c1' } }, true],
    [{ where: { 'after.status.length': 4 } }, false],
    [{ table: 'order', where: { 'after.constructor.name': 'Object' } }, false],
  ] as const)('%j matches: %s', (rule, expected) => {
    expect(endpointsOf(event, new Map([['key', [rule as never]]]))).toEqual(expected ? ['key'] : [])
  })

  it('give an event to each endpoint once', () => {
    const rules = new Map([
      ['a', [{ table: 'order' }, { operation: 'UPDATE' as const }]],
      ['b', [{ table: 'invoice' }]],
      ['c', [{ table: 'order' }]],
    ])
    expect(endpointsOf(event, rules)).toEqual(['a', 'c'])
  })
})
