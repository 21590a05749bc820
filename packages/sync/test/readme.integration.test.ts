import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { memoryState, sink } from '@eds/core'
import pubsub from '@eds/driver-pubsub'
import { requireService } from '@eds/tool-services/vitest'
import { PubSub } from '@google-cloud/pubsub'
import { expect, it } from 'vitest'
import { driverSender, embeddedStorage, openSync, parseSyncConfig, syncConfigSchema } from '../src/index.js'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const service = await requireService('pubsub')

service.describe('on Pub/Sub', () => {
  it('the program of the README publishes the message with the name of the service', async () => {
    const { hostname, port, pathname } = new URL(service.url)
    const endpoint = `${hostname}:${port}`
    const projectId = pathname.slice(1) || 'eds-test'
    const client = new PubSub({ apiEndpoint: endpoint, projectId, emulatorMode: true })
    const [topic] = await client.createTopic(`eds-${randomUUID()}`)
    const name = topic.name.split('/').at(-1) ?? ''
    const [subscription] = await topic.createSubscription(`${name}-s`)
    const received = new Promise<{ data: Buffer; attributes: Record<string, string> }>((resolve) => {
      subscription.on('message', (message) => {
        message.ack()
        resolve(message)
      })
    })
    const program = readme.match(/const config = [\s\S]*?(?=```)/)?.[0] ?? ''
    const fake = { openLmdbState: async () => memoryState() }
    const toTopic = (definition: typeof pubsub, url: string) =>
      sink(definition, `${url.replace('my-project/ready', `${projectId}/${name}`)}&endpoint=${endpoint}`)
    const run = new Function(
      ...['sink', 'pubsub', 'openLmdbState', 'driverSender', 'embeddedStorage', 'openSync', 'parseSyncConfig'],
      `return (async () => {${program}})()`,
    )
    await run(toTopic, pubsub, fake.openLmdbState, driverSender, embeddedStorage, openSync, parseSyncConfig)
    const { data, attributes } = await received
    expect(attributes).toEqual({ serviceName: 'orders-ready' })
    expect(JSON.parse(data.toString())).toMatchObject({
      serviceName: 'orders-ready',
      triggerType: 'window',
      events: { paid: { numberOfEvents: 1 }, packed: { numberOfEvents: 2 } },
    })
    await subscription.close()
    await subscription.delete()
    await topic.delete()
    await client.close()
  })
})

it('the option table of the README is that of the configuration', () => {
  const { trigger, endpoints, ...others } = syncConfigSchema.shape
  const rows = [
    ...Object.entries({ serviceName: others.serviceName }),
    ...Object.entries(trigger.shape).map(([key, part]) => [`trigger.${key}`, part] as const),
    ...Object.entries(endpoints.element.shape).map(([key, part]) => [`endpoints[].${key}`, part] as const),
    ...Object.entries(others.targetPubSub.unwrap().shape).map(([key, part]) => [`targetPubSub.${key}`, part] as const),
  ]
  expect(rows).toHaveLength(9)
  for (const [key, part] of rows) {
    const { success, data } = part.safeParse(undefined)
    const text = success ? (data === undefined ? '' : `\`${String(data)}\``) : 'required'
    const row = `| \`${key}\` | ${text} | ${part.description} |`
    expect(readme.includes(row), row).toBe(true)
  }
})
