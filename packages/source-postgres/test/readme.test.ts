import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { options } from '../src/settings.js'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

it('lists every option, and no other', () => {
  const table = readme.slice(readme.indexOf('## Options'), readme.indexOf('## Events'))
  const listed = [...table.matchAll(/^\| (`\w+`(?:, `\w+`)*) \|/gm)].flatMap(
    ([, names = '']) => names.match(/\w+/g) ?? [],
  )
  expect(listed.sort()).toEqual([...Object.keys(options.shape), 'url', 'clock', 'logger'].sort())
})

it('has at most 120 lines', () => {
  expect(readme.split('\n').length).toBeLessThanOrEqual(121)
})
