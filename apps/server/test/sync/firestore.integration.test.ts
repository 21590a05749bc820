import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startFirestoreSim } from '@eds/tool-firestore-sim'
import { requireService } from '@eds/tool-services/vitest'
import { describe, expect, it, onTestFinished, test } from 'vitest'
import { isGoogleAtHand } from '../../src/sync/google-at-hand.js'
import { temporaryFolder } from '../eds.js'
import { startSync } from './sync-process.js'
import { testTopic } from './topic.js'

const pubsub = await requireService('pubsub')

pubsub.describe('eds sync on Firestore', () => {
  test('takes up what EventSync left, without being told to, and two instances act as one', async () => {
    const sim = await startFirestoreSim()
    onTestFinished(() => sim.stop())
    const topic = await testTopic(pubsub.url)
    const serviceName = 'My First Event Sync'
    const collection = `projects/eds-sync-test/databases/(default)/documents/${serviceName}`
    sim.put(`${collection}/AbCdEfGhIjKlMnOpQrSt`, {
      AlreadyExported: { booleanValue: false },
      Content: { stringValue: 'left' },
      Datetime: { timestampValue: { seconds: String(Math.floor(Date.now() / 1_000) - 60) } },
      EventKey: { stringValue: 'entry1' },
      Method: { stringValue: 'POST' },
    })
    const config = {
      serviceName,
      trigger: { type: 'window', observationPeriod: 3_600 },
      endpoints: [{ eventKey: 'entry1' }, { eventKey: 'entry2', minNbOfOccurrence: 2 }],
      targetPubSub: { topic: topic.path },
    }
    const environment = {
      CONFIG: JSON.stringify(config),
      PROJECT_ID: 'eds-sync-test',
      PUBSUB_EMULATOR_HOST: topic.emulator,
      FIRESTORE_EMULATOR_HOST: sim.host,
    }
    const [one, two] = [0, 1].map(() => startSync({ folder: temporaryFolder(), environment }))
    expect((await one?.call('/event/entry2', { method: 'POST', body: 'first' }))?.status).toBe(200)
    expect(one?.output()).toContain(`Firestore collection ${serviceName} of project eds-sync-test`)
    expect((await two?.call('/event/entry2', { method: 'POST', body: 'second' }))?.status).toBe(200)
    await expect.poll(async () => (await topic.messages()).length).toBe(1)
    const [sent] = await topic.messages()
    const contents = Object.values(sent?.message.events ?? {}).map(({ events = [] }) =>
      events.map((event) => event.content),
    )
    expect(contents).toEqual([['left'], ['first', 'second']])
  })
})

describe('Firestore is chosen', () => {
  const key = { GOOGLE_APPLICATION_CREDENTIALS: 'key.json', HOME: '/nowhere' }

  it.each([
    [{ K_SERVICE: 'a', HOME: '/nowhere' }, undefined, true],
    [key, 'p', true],
    [{ ...key, GOOGLE_CLOUD_PROJECT: 'p' }, undefined, true],
    [key, undefined, false],
    [{ HOME: '/nowhere' }, 'p', false],
  ])('where credentials and a project are at hand (case %#)', (environment, project, expected) => {
    expect(isGoogleAtHand(environment, project)).toBe(expected)
  })

  it('where gcloud has put credentials', () => {
    const home = temporaryFolder()
    const gcloud = join(home, '.config', 'gcloud')
    mkdirSync(gcloud, { recursive: true })
    writeFileSync(join(gcloud, 'application_default_credentials.json'), '{}')
    expect(isGoogleAtHand({ HOME: home }, 'p')).toBe(true)
    expect(isGoogleAtHand({ HOME: '/nowhere', CLOUDSDK_CONFIG: gcloud }, 'p')).toBe(true)
  })
})
