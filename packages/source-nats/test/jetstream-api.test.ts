import type { Msg } from 'nats'
import { describe, expect, it } from 'vitest'
import { JetStreamApi } from '../src/jetstream-api.js'

/** What a server says whose folder of a consumer goes while it writes there: it cannot be made to. */
const goneFolder = {
  error: { code: 500, err_code: 10_012, description: 'rename o.dat.tmp o.dat: no such file or directory' },
}
const made = {
  name: 'sink',
  created: '2024-07-01T12:00:00Z',
  config: {},
  delivered: { consumer_seq: 0, stream_seq: 0 },
  ack_floor: { consumer_seq: 0, stream_seq: 0 },
  num_ack_pending: 0,
  num_pending: 0,
}

function answering(answers: readonly object[]) {
  const asked: string[] = []
  const request = async (subject: string) => {
    const answer = JSON.stringify(answers[Math.min(asked.length, answers.length - 1)])
    asked.push(subject)
    return { string: () => answer } as Msg
  }
  return { api: new JetStreamApi({ request }, 'dbchange', 1_000), asked }
}

describe('making a consumer', () => {
  it('asks again when the server finds its own file gone', async () => {
    const { api, asked } = answering([goneFolder, goneFolder, made])
    expect(await api.createConsumer('sink', {})).toMatchObject({ name: 'sink' })
    expect(asked).toEqual(Array(3).fill('$JS.API.CONSUMER.DURABLE.CREATE.dbchange.sink'))
  })

  it('gives up when that goes on, to come again later', async () => {
    const { api, asked } = answering([goneFolder])
    await expect(api.createConsumer('sink', {})).rejects.toMatchObject({ code: 'connection' })
    expect(asked).toHaveLength(5)
  })
})
