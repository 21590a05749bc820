import { readFileSync } from 'node:fs'
import { kinds } from '@eds/create-driver'
import { createTree } from '@nx/devkit/testing'
import { beforeEach, expect, it } from 'vitest'
import { driverGenerator } from '../src/driver-generator.js'

let tree: ReturnType<typeof createTree>

beforeEach(() => {
  tree = createTree()
  tree.write('tsconfig.json', JSON.stringify({ files: [], references: [{ path: './packages/core' }] }))
})

function json(path: string) {
  return JSON.parse(tree.read(path, 'utf8') ?? '')
}

it('writes a member of the workspace, and names it in tsconfig.json', async () => {
  await driverGenerator(tree, { name: 'my-db', kind: 'memory' })
  expect(json('packages/driver-my-db/package.json')).toMatchObject({
    name: '@eds/driver-my-db',
    eds: { driver: '.', schemes: ['my-db'] },
    nx: { tags: ['type:driver'], targets: { lint: {}, test: {} } },
  })
  expect(json('packages/driver-my-db/tsconfig.lib.json').extends).toBe('../../tsconfig.base.json')
  expect(tree.exists('packages/driver-my-db/src/store.ts')).toBe(true)
  expect(json('tsconfig.json').references).toEqual([{ path: './packages/core' }, { path: './packages/driver-my-db' }])
  expect(tree.listChanges().filter(({ type }) => type !== 'CREATE')).toEqual([])
})

it('writes elsewhere, under another scheme', async () => {
  await driverGenerator(tree, {
    name: 'lake',
    kind: 'http',
    scheme: 'acme-lake',
    directory: 'docs/examples/driver-lake',
  })
  expect(json('docs/examples/driver-lake/package.json')).toMatchObject({
    private: true,
    eds: { schemes: ['acme-lake'] },
  })
  expect(json('docs/examples/driver-lake/tsconfig.lib.json').extends).toBe('../../../tsconfig.base.json')
})

it('refuses a folder that holds something, and bad names', async () => {
  tree.write('packages/driver-my-db/notes.txt', 'mine')
  await expect(driverGenerator(tree, { name: 'my-db', kind: 'http' })).rejects.toThrow('is not empty')
  await expect(driverGenerator(tree, { name: 'My Db', kind: 'http' })).rejects.toThrow('cannot name a driver')
  await expect(driverGenerator(tree, { name: 'kafka', kind: 'http' })).rejects.toThrow('choose another scheme')
})

it('asks for the kinds that there are', () => {
  const schema = JSON.parse(readFileSync(new URL('../generators/driver-schema.json', import.meta.url), 'utf8'))
  expect(schema.properties.kind.enum).toEqual(kinds)
})
