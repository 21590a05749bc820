import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { requireService } from '@eds/tool-services/vitest'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../eds.js'
import { eventText } from '../world.js'
import { type SyncProcess, startSync } from './sync-process.js'
import { type TestTopic, testTopic } from './topic.js'

const pubsub = await requireService('pubsub')

/** The configuration of EventSync's own documentation. */
function documentedConfig(topic: string, trigger: object = {}) {
  return {
    serviceName: 'My First Event Sync',
    trigger: { type: 'window', observationPeriod: 3600, keepEventAfterTrigger: false, ...trigger },
    endpoints: [{ eventKey: 'entry1' }, { eventKey: 'entry2' }],
    targetPubSub: { topic },
  }
}

function environmentOf(topic: TestTopic, config: object) {
  return { CONFIG: JSON.stringify(config), projectID: 'eds-sync-test', PUBSUB_EMULATOR_HOST: topic.emulator }
}

/** As `curl -X POST -d` does. */
function post(sync: SyncProcess, path: string, body: string) {
  return sync.call(path, { method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded' } })
}

/** Without what curl, fetch and the like add by themselves. */
function documentedForm(message: object): unknown {
  const text = JSON.stringify(message, (name, value) => {
    if (name === 'headers') return { 'Content-Type': value['Content-Type'] }
    return /date/i.test(name) && typeof value === 'string' ? '<date>' : value
  })
  return JSON.parse(text)
}

const listOf = (eventKey: string, content: string) => ({
  FirstEventDate: '<date>',
  lastEventDate: '<date>',
  numberOfEvents: 1,
  minNbOfOccurrence: 1,
  eventToSend: 'ALL',
  events: [
    {
      datetime: '<date>',
      eventKey,
      headers: { 'Content-Type': ['application/x-www-form-urlencoded'] },
      queryParams: { queryP: ['myQueryP'] },
      content,
      httpMethod: 'POST',
    },
  ],
})

pubsub.describe('eds sync in place of EventSync', () => {
  test('answers the documented calls, and sends the documented message', async () => {
    const topic = await testTopic(pubsub.url)
    const config = documentedConfig(topic.path)
    const environment = environmentOf(topic, config)
    const sync = startSync({ folder: temporaryFolder(), environment, words: ['--legacy-dates'] })
    expect(JSON.parse((await sync.call('/config')).text)).toMatchObject(config)
    expect((await post(sync, '/event/entry1?queryP=myQueryP', 'New test1')).text).toContain('no message is due')
    expect((await post(sync, '/event/entry2?queryP=myQueryP', 'New test2')).text).toContain('the message was sent')
    const [sent, ...more] = await topic.messages()
    expect(more).toEqual([])
    expect(sent?.attributes).toEqual({ serviceName: 'My First Event Sync' })
    expect(sent?.message.eventID).toMatch(/^[0-9a-f]{32}$/)
    expect(sent?.message.date).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/)
    expect(documentedForm({ ...sent?.message, eventID: '<id>' })).toEqual({
      eventID: '<id>',
      date: '<date>',
      serviceName: 'My First Event Sync',
      triggerType: 'window',
      events: { entry1: listOf('entry1', 'New test1'), entry2: listOf('entry2', 'New test2') },
    })
    expect(await sync.call('/event/trigger')).toMatchObject({ status: 200 })
    await expect.poll(async () => (await topic.messages()).length).toBe(2)
    const empty = (await topic.messages())[1]?.message.events.entry1
    expect(empty).toMatchObject({ numberOfEvents: 0 })
    expect(await sync.stop('SIGTERM')).toBe(0)
    expect(sync.output()).toMatch(/service "My First Event Sync", trigger window over 3600 s/)
  })

  test('sends once the same message that was due when it was killed, and keeps receiving while Pub/Sub is away', async () => {
    const topic = await testTopic(pubsub.url)
    const folder = temporaryFolder()
    const environment = environmentOf(topic, documentedConfig(topic.path))
    const nobody = { ...environment, PUBSUB_EMULATOR_HOST: '127.0.0.1:1', ASYNC_EVENT_TRIGGER: 'true' }
    const first = startSync({ folder, environment: nobody })
    for (const key of ['entry1', 'entry2', 'entry1']) expect((await post(first, `/event/${key}`, key)).status).toBe(200)
    expect(JSON.parse((await first.call('/status')).text)).toMatchObject({ windowsFired: 1, due: { count: 1 } })
    await first.stop('SIGKILL')
    const second = startSync({ folder, environment })
    await expect.poll(async () => (await topic.messages()).length).toBe(1)
    const metrics = (await second.call('/metrics')).text
    expect(metrics).toMatch(/^eds_sync_events_stored_total 3$/m)
    expect(metrics).toMatch(/^eds_sync_windows_fired_total 1$/m)
    expect(metrics).toMatch(/^eds_sync_missing_events\{endpoint="entry2"\} 1$/m)
    expect((await post(second, '/reset', '')).status).toBe(200)
    expect(JSON.parse((await second.call('/status')).text)).toMatchObject({ missing: { entry1: 1, entry2: 1 } })
    expect(await second.stop('SIGTERM')).toBe(0)
  })

  test('says that it cannot deliver to a topic that is not there, goes on receiving, and is ready once it is there', async () => {
    const topic = await testTopic(pubsub.url)
    const missing = `${topic.path}-missing`
    const sync = startSync({ folder: temporaryFolder(), environment: environmentOf(topic, documentedConfig(missing)) })
    const health = () => sync.call('/status/health')
    await expect.poll(async () => (await health()).text).toContain('create the topic')
    expect((await health()).status).toBe(503)
    expect(sync.output()).toMatch(/ERROR messages cannot be delivered: .*NOT_FOUND.*create the topic/)
    expect(await sync.call('/')).toMatchObject({ status: 200 })
    for (const key of ['entry1', 'entry2']) expect((await post(sync, `/event/${key}`, key)).status).toBe(200)
    expect(JSON.parse((await sync.call('/status')).text)).toMatchObject({
      eventsStored: 2,
      delivery: { state: 'blocked', destination: missing, fix: expect.stringContaining('create the topic') },
    })
    expect((await sync.call('/metrics')).text).toMatch(/^eds_sync_delivery_blocked 1$/m)
    await topic.create(missing)
    await expect.poll(async () => (await health()).status).toBe(200)
    expect(await sync.stop('SIGTERM')).toBe(0)
    expect(sync.output()).toMatch(/messages can be delivered again/)
  })

  test('counts change events of files by rules, beside those over HTTP', async () => {
    const topic = await testTopic(pubsub.url)
    const folder = temporaryFolder()
    const rows = ['open', 'paid'].map((status) =>
      eventText({ operation: 'UPDATE', table: 'order', row: { id: status, status } }),
    )
    writeFileSync(join(folder, 'changes.ndjson'), `${rows.join('\n')}\n`)
    const rule = { table: 'order', operation: 'UPDATE', where: { 'after.status': 'paid' } }
    const config = {
      ...documentedConfig(topic.path),
      endpoints: [{ eventKey: 'paid', from: [rule] }, { eventKey: 'packed' }],
    }
    const sync = startSync({
      folder,
      environment: environmentOf(topic, config),
      words: ['--changes', 'changes.ndjson'],
    })
    await expect.poll(async () => JSON.parse((await sync.call('/status')).text).missing).toEqual({ packed: 1 })
    await post(sync, '/event/packed', 'x')
    const [sent] = await topic.messages()
    expect(sent?.message.events.paid).toMatchObject({
      numberOfEvents: 1,
      events: [{ content: rows[1], httpMethod: 'POST' }],
    })
    expect(await sync.stop('SIGTERM')).toBe(0)
  })
})
