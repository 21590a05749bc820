import { expect, it } from 'vitest'
import { stepsOf } from '../src/commands/page-steps.js'
import { substitute } from '../src/commands/substitute.js'
import { pagesWithCommands } from '../src/commands/test-commands.js'

const block = (text: string, language = 'sh') => `\`\`\`${language}\n${text}\n\`\`\`\n`

it('runs a block, unless a note says otherwise', () => {
  const page = [
    block('npx eds status'),
    `<!-- docs: skip needs HQ -->\n${block('npx eds import')}`,
    `<!-- docs: background until delivering from -->\n${block('npx eds server')}`,
    `<!-- docs: type import -->\n${block('npx eds import --dir .')}`,
    '<!-- docs: stop -->\n',
    '<!-- docs: run\nmkdir data\n-->\n',
    block('not ours', 'ts'),
  ].join('')
  expect(stepsOf(page).map(({ line, commands, handling }) => [line, commands.trim(), handling])).toEqual([
    [1, 'npx eds status', { kind: 'run' }],
    [5, 'npx eds import', { kind: 'skip', reason: 'needs HQ' }],
    [9, 'npx eds server', { kind: 'background', until: 'delivering from' }],
    [13, 'npx eds import --dir .', { kind: 'run', typed: 'import' }],
    [16, '', { kind: 'stop' }],
    [17, 'mkdir data', { kind: 'run' }],
  ])
})

it('checks the names of what a reader installs', () => {
  const kinds = ['npm install -g @eds/server', 'npm install && npm start', 'npm install @eds/core && ls'].map(
    (text) => stepsOf(block(text))[0]!.handling.kind,
  )
  expect(kinds).toEqual(['installation', 'run', 'run'])
})

it.each([[block('npx eds status', '')], [block('echo hello', 'bash')], [`<!-- docs: later -->\n${block('npx eds')}`]])(
  'refuses what would not be tested: %j',
  (page) => {
    expect(() => stepsOf(page)).toThrow(/^line 1: /)
  },
)

it('puts addresses of its own in place of those of the pages', () => {
  const addresses = { nats: 'nats://127.0.0.1:1', postgres: 'postgres://here/page_1', port: 5, folder: '/there' }
  const text = 'nats://localhost:4222 postgres://user:password@localhost/shop http://localhost:8080/ file:///tmp/x'
  expect(substitute(text, addresses)).toBe(
    'nats://127.0.0.1:1 postgres://here/page_1 http://localhost:5/ file:///there/tmp/x',
  )
})

it('understands every page of the documentation', async () => {
  expect((await pagesWithCommands([])).size).toBeGreaterThan(10)
})
