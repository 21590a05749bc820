import { beforeEach, describe, expect, it } from 'vitest'
import { Acknowledger } from '../src/acknowledger.js'
import { Outstanding } from '../src/outstanding.js'
import { SequenceGuard } from '../src/sequence-guard.js'

let published: string[]
let isUp: boolean
let outstanding: Outstanding
beforeEach(() => {
  published = []
  isUp = true
  outstanding = new Outstanding()
  for (const sequence of [1, 2, 3, 4, 5]) outstanding.push(sequence, sequence, `r${sequence}`)
})

function acknowledger(acknowledgesAll: boolean): Acknowledger {
  const guard = new SequenceGuard(outstanding, { acknowledged: { sequence: 0 }, nextConsumerSequence: 6, proven: true })
  const connection = {
    get isUp() {
      return isUp
    },
    publish: (subject: string, payload: Uint8Array) => published.push(`${Buffer.from(payload)} ${subject}`),
  }
  return new Acknowledger(connection, guard, outstanding, acknowledgesAll)
}

describe('acknowledging', () => {
  it.each([
    { acknowledgesAll: true, sent: ['+ACK r3'] },
    { acknowledgesAll: false, sent: ['+ACK r1', '+ACK r2', '+ACK r3'] },
  ])('sends $sent when it acknowledges all is $acknowledgesAll', ({ acknowledgesAll, sent }) => {
    const acks = acknowledger(acknowledgesAll)
    acks.acknowledge({ sequence: 3, time: 3 })
    acks.acknowledge({ sequence: 2, time: 2 })
    expect(published).toEqual(sent)
  })

  it('sends nothing while the consumer is in doubt, and makes up for it when it is sound', () => {
    const acks = acknowledger(false)
    acks.suspend()
    acks.acknowledge({ sequence: 2, time: 2 })
    acks.keepAlive()
    acks.keepAlive()
    expect(published).toEqual([])
    acks.resume()
    expect(published).toEqual(['+ACK r1', '+ACK r2'])
  })

  it('sends nothing under the reply subjects of a consumer that is gone', () => {
    const acks = acknowledger(false)
    acks.suspend()
    acks.acknowledge({ sequence: 2, time: 2 })
    outstanding.restart(4)
    acks.resume()
    acks.acknowledge({ sequence: 3, time: 3 })
    expect(published).toEqual([])
    outstanding.confirm(4, 4, 'new4')
    acks.acknowledge({ sequence: 4, time: 4 })
    expect(published).toEqual(['+ACK new4'])
  })
})

describe('keeping alive', () => {
  it('asks for time for what waited since the last call, and for nothing that is acknowledged', () => {
    const acks = acknowledger(true)
    acks.keepAlive()
    expect(published).toEqual([])
    outstanding.push(6, 6, 'r6')
    acks.acknowledge({ sequence: 3, time: 3 })
    published.length = 0
    acks.keepAlive()
    expect(published).toEqual(['+WPI r4', '+WPI r5'])
  })

  it('asks for nothing while the connection is down', () => {
    const acks = acknowledger(true)
    acks.keepAlive()
    isUp = false
    acks.keepAlive()
    expect(published).toEqual([])
  })
})
