import { describe, expect, it } from 'vitest'
import { importConditions, packageEntry } from '../src/package-entry.js'

const conditions = new Set(['node', 'import'])

describe('packageEntry', () => {
  it.each([
    ['.', { exports: './a.js' }, './a.js'],
    ['.', { exports: { import: './a.js', require: './b.cjs' } }, './a.js'],
    ['.', { exports: { require: './b.cjs', default: './a.js' } }, './a.js'],
    ['.', { exports: { '.': { types: './a.d.ts', node: { import: './a.js' } }, './x': './x.js' } }, './a.js'],
    ['.', { exports: { '.': { node: { require: './b.cjs' }, default: './a.js' } } }, './a.js'],
    ['./driver', { exports: { '.': './a.js', './driver': './d.js' } }, './d.js'],
    ['./dist/d.js', { exports: './a.js' }, './dist/d.js'],
    ['./dist/d.js', {}, './dist/d.js'],
    ['.', { main: 'lib/a.js' }, './lib/a.js'],
    ['.', { main: './lib/a.js' }, './lib/a.js'],
    ['.', {}, './index.js'],
    ['.', { exports: { './x': './x.js' } }, undefined],
    ['.', { exports: { require: './b.cjs' } }, undefined],
    ['.', { exports: './../a.js' }, undefined],
    ['.', { exports: '/a.js' }, undefined],
    ['.', { main: '../a.js' }, undefined],
    ['./../a.js', {}, undefined],
    ['/a.js', {}, undefined],
    ['dist/a.js', {}, undefined],
  ])('%s of %j is %s', (subpath, entries, file) => expect(packageEntry(entries, subpath, conditions)).toBe(file))

  it('takes the first condition that holds, in the order of the package', () => {
    const exports = { source: './a.ts', import: './a.js' }
    expect(packageEntry({ exports }, '.', conditions)).toBe('./a.js')
    expect(packageEntry({ exports }, '.', new Set([...conditions, 'source']))).toBe('./a.ts')
  })
})

describe('importConditions', () => {
  it('adds those given on the command line and in NODE_OPTIONS', () => {
    const found = importConditions(
      ['-C', 'a', '--no-warnings', '--conditions=b'],
      '--conditions c --max-old-space-size=1',
    )
    expect([...found].sort()).toEqual(['a', 'b', 'c', 'import', 'module-sync', 'node'])
  })
})
