import { expect, it } from 'vitest'
import { anchorsOf, linksOf, slugOf } from '../src/links/markdown.js'

it('finds links and images with their lines, but none in code or comments', () => {
  const text = [
    'See [one](one.md) and ![two](two.png "Two").',
    '`[no](no.md)` <!-- [no](no.md) -->',
    '```sh',
    '[no](no.md)',
    '```',
    '[three]: three.md',
  ].join('\n')
  expect(linksOf(text)).toEqual([
    { target: 'one.md', line: 1 },
    { target: 'two.png', line: 1 },
    { target: 'three.md', line: 6 },
  ])
})

it.each([
  ['What is written?', 'what-is-written'],
  ['`eds import`', 'eds-import'],
  ['HTTP, files, exit codes', 'http-files-exit-codes'],
  ['[Link](x.md) & more', 'link--more'],
])('makes the anchor of %s as GitHub does', (title, anchor) => {
  expect(slugOf(title)).toBe(anchor)
})

it('numbers anchors of headings that are there twice, and takes no comment of a shell for a heading', () => {
  expect([...anchorsOf('# A\n\n## A\n\n```sh\n# not one\n```\n')]).toEqual(['a', 'a-1'])
})
