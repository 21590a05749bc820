import { describe, expect, test } from 'vitest'
import { readDockerIgnore } from '../src/docker-ignore.js'
import { parseDockerfile, substitute, wordsOf } from '../src/dockerfile.js'
import { planTree, readWorkspaces, type Workspace } from '../src/image-tree.js'
import { isUseless } from '../src/prune.js'

describe('a Dockerfile', () => {
  test('is read into stages, with flags and continued lines', () => {
    const text =
      '# a\nFROM node:22 AS build\nRUN one \\\n  # not this\n  && two\nFROM build\nCOPY --from=build --chown=1:2 /a /b\n'
    expect(parseDockerfile(text)).toEqual([
      { name: 'build', from: 'node:22', instructions: [{ keyword: 'RUN', flags: {}, text: 'one && two' }] },
      {
        name: '1',
        from: 'build',
        instructions: [{ keyword: 'COPY', flags: { from: 'build', chown: '1:2' }, text: '/a /b' }],
      },
    ])
  })

  test.each([
    ['["node", "-e", "a b"]', ['node', '-e', 'a b']],
    ['a  b', ['a', 'b']],
  ])('has the words of %s', (text, words) => {
    expect(wordsOf(text)).toEqual(words)
  })

  test('has variables with defaults', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as a Dockerfile has it
    expect(substitute('$A ${B} ${C:-c} ${D}', { A: '1', B: '2' })).toBe('1 2 c ')
  })
})

test.each([
  ['node_modules/a/b.js', true],
  ['apps/server/dist/cli.js', true],
  ['data/state', true],
  ['metadata/x', false],
  ['apps/server/src/data.ts', false],
])('.dockerignore and %s: %s', (path, ignored) => {
  expect(readDockerIgnore('**/node_modules\n**/dist\ndata\n')(path)).toBe(ignored)
})

describe('the tree of an image', () => {
  test('has the chosen drivers and what they need, and nothing for development', async () => {
    const root = new URL('../../..', import.meta.url).pathname
    const planned = planTree(await readWorkspaces(root), ['postgres'])
    const names = planned.map(({ manifest }: Workspace) => manifest.name)
    expect(names).toEqual(expect.arrayContaining(['@eds/server', '@eds/driver-postgres', '@eds/sql', '@eds/core']))
    expect(names).not.toContain('@eds/driver-kafka')
    expect(planned.filter(({ manifest }) => 'devDependencies' in manifest)).toEqual([])
  })

  test('refuses a driver that is not there', () => {
    expect(() => planTree([], ['oracle'])).toThrow('there is no driver oracle')
  })
})

test.each([
  ['pg/lib/index.js.map', false, true],
  ['zod/index.d.cts', false, true],
  ['pg/README.md', false, true],
  ['pg/LICENSE.md', false, false],
  ['pg/lib/index.js', false, false],
  ['@lmdb/lmdb-linux-x64/node.abi115.musl.node', false, true],
  ['@lmdb/lmdb-linux-x64/node.abi115.glibc.node', false, false],
  ['@opentelemetry/api/build/esm', true, true],
  ['@opentelemetry/api/build/src', true, false],
])('pruning of %s', (path, isFolder, expected) => {
  expect(isUseless(path, isFolder, 'glibc')).toBe(expected)
})
