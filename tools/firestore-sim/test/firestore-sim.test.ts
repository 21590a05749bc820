import { FieldPath, Firestore, Timestamp } from '@google-cloud/firestore'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FirestoreSim, startFirestoreSim } from '../src/index.js'

const notFound = 5
const alreadyExists = 6
const failedPrecondition = 9
const aborted = 10

describe('the client of Google against the simulator', () => {
  let sim: FirestoreSim
  let firestore: Firestore
  beforeAll(async () => {
    sim = await startFirestoreSim()
    firestore = new Firestore({ projectId: 'test', host: sim.host, ssl: false })
  })
  afterAll(async () => {
    await firestore.terminate()
    await sim.stop()
  })

  it('stores, merges, reads and deletes documents', async () => {
    const document = firestore.doc('a/one')
    const date = new Timestamp(1_700_000_000, 123_456_000)
    await document.set({ text: 'ä', number: 1, date, nested: { list: ['x', true, null] } })
    await document.update({ number: 2 })
    expect((await document.get()).data()).toEqual({ text: 'ä', number: 2, date, nested: { list: ['x', true, null] } })
    await document.delete()
    expect((await document.get()).exists).toBe(false)
  })

  it('holds to preconditions, all or nothing', async () => {
    const document = firestore.doc('b/one')
    const { writeTime } = await document.create({ number: 1 })
    await expect(document.create({})).rejects.toMatchObject({ code: alreadyExists })
    await expect(firestore.doc('b/none').update({ number: 1 })).rejects.toMatchObject({ code: notFound })
    await document.update({ number: 2 }, { lastUpdateTime: writeTime })
    const batch = firestore.batch().set(firestore.doc('b/two'), {})
    batch.update(document, { number: 3 }, { lastUpdateTime: writeTime })
    await expect(batch.commit()).rejects.toMatchObject({ code: failedPrecondition })
    expect((await firestore.doc('b/two').get()).exists).toBe(false)
    expect((await document.get()).get('number')).toBe(2)
  })

  it('queries with filters, order, limit, cursor and projection', async () => {
    const collection = firestore.collection('c')
    for (let number = 0; number < 10; number++) {
      await collection.doc(`d${number}`).set({ number, even: number % 2 === 0, other: 'x' })
    }
    const query = collection.where('even', '==', true).where('number', '>', 0).orderBy('number', 'desc')
    expect((await query.limit(2).get()).docs.map(({ id }) => id)).toEqual(['d8', 'd6'])
    const last = await collection.doc('d6').get()
    const rest = await query.startAfter(last).select('number').get()
    expect(rest.docs.map((found) => found.data())).toEqual([{ number: 4 }, { number: 2 }])
    const byName = await collection.orderBy(FieldPath.documentId()).startAt('d8').get()
    expect(byName.docs.map(({ id }) => id)).toEqual(['d8', 'd9'])
  })

  it('aborts a transaction when what it read has changed', async () => {
    const document = firestore.doc('d/counter')
    await document.set({ number: 0 })
    let attempts = 0
    const once = firestore.runTransaction(
      async (transaction) => {
        attempts++
        await transaction.get(document)
        await document.update({ number: 10 })
        transaction.update(document, { number: 1 })
      },
      { maxAttempts: 1 },
    )
    await expect(once).rejects.toMatchObject({ code: aborted })
    expect(attempts).toBe(1)
    expect((await document.get()).get('number')).toBe(10)
  })

  it('counts right when transactions compete', async () => {
    const document = firestore.doc('d/competing')
    await document.set({ number: 0 })
    const add = () =>
      firestore.runTransaction(async (transaction) => {
        const number: number = (await transaction.get(document)).get('number')
        transaction.update(document, { number: number + 1 })
      })
    await Promise.all([add(), add()])
    expect((await document.get()).get('number')).toBe(2)
  })

  it('aborts a transaction when another result joins its query', async () => {
    const collection = firestore.collection('e')
    const once = firestore.runTransaction(
      async (transaction) => {
        await transaction.get(collection.where('open', '==', true))
        await collection.doc('new').set({ open: true })
        transaction.set(collection.doc('sum'), { count: 0 })
      },
      { maxAttempts: 1 },
    )
    await expect(once).rejects.toMatchObject({ code: aborted })
  })

  it('writes each document of a bulk by itself', async () => {
    await firestore.doc('f/there').set({})
    const writer = firestore.bulkWriter()
    const outcomes = await Promise.allSettled([
      writer.create(firestore.doc('f/there'), {}),
      writer.create(firestore.doc('f/new'), {}),
      writer.close(),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
  })

  it('refuses documents over one MiB and names that are reserved', async () => {
    const tooLarge = firestore.doc('g/large').set({ text: 'x'.repeat(1_048_576) })
    await expect(tooLarge).rejects.toThrow(/exceeds the maximum allowed size/)
    await expect(firestore.doc('g/reserved').set({ map: { __a__: 1 } })).rejects.toThrow(/reserved/)
    await firestore.doc('g/just').set({ text: 'x'.repeat(1_048_000) })
  })

  it('loses an answer on demand, with and without doing the work', async () => {
    const document = firestore.doc('h/one')
    await document.set({ number: 0 })
    const before = sim.calls('runQuery')
    sim.fail({ method: 'runQuery', status: 'UNAVAILABLE' })
    await firestore.collection('h').get()
    expect(sim.calls('runQuery') - before).toBe(2)
    sim.fail({ method: 'commit', status: 'PERMISSION_DENIED' })
    await expect(document.update({ number: 4 })).rejects.toMatchObject({ code: 7 })
    sim.fail({ method: 'commit', status: 'INTERNAL', applied: true })
    await expect(document.update({ number: 5 })).rejects.toMatchObject({ code: 13 })
    expect((await document.get()).get('number')).toBe(5)
  })
})

it('refuses queries without their index where that is wanted', async () => {
  const sim = await startFirestoreSim({ requireIndexes: true })
  const firestore = new Firestore({ projectId: 'test', host: sim.host, ssl: false })
  const collection = firestore.collection('a')
  await collection.where('one', '==', 1).where('two', '==', 2).get()
  await collection.where('one', '>', 1).get()
  await expect(collection.where('one', '==', 1).orderBy('two').get()).rejects.toMatchObject({
    code: failedPrecondition,
  })
  await firestore.terminate()
  await sim.stop()
})
