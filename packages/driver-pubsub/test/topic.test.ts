import { expect, it } from 'vitest'
import { ensureTopic } from '../src/topic.js'

const { signal } = new AbortController()
const notFound = 5
const alreadyExists = 6
const permissionDenied = 7

/** Answers calls with a gRPC status, or well where there is none. */
function connectionOf(statuses: { readonly get?: number; readonly create?: number }) {
  const answer = async (code: number | undefined) => {
    if (code !== undefined) throw Object.assign(new Error(`status ${code}`), { code })
  }
  return { getTopic: () => answer(statuses.get), createTopic: () => answer(statuses.create) }
}

it.each([
  [{}, false, 'found'],
  [{ get: permissionDenied }, false, 'unreadable'],
  [{ get: permissionDenied }, true, 'unreadable'],
  [{ get: notFound }, true, 'created'],
  [{ get: notFound, create: alreadyExists }, true, 'found'],
] as const)('with answers %j, create=%s, the topic is %s', async (statuses, create, expected) => {
  expect(await ensureTopic(connectionOf(statuses), { create }, signal)).toBe(expected)
})

it.each([
  [{ get: notFound }, false, notFound],
  [{ get: notFound, create: permissionDenied }, true, permissionDenied],
] as const)('with answers %j, create=%s, it rejects with status %i', async (statuses, create, code) => {
  await expect(ensureTopic(connectionOf(statuses), { create }, signal)).rejects.toMatchObject({ code })
})
