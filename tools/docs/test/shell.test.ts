import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { checkInstallation, installedNames } from '../src/commands/installation.js'
import { runPage } from '../src/commands/run-page.js'
import { runCommands, startCommands } from '../src/commands/shell.js'

let directory: string
const shell = () => ({ directory, environment: process.env })

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'eds-shell-'))
})
afterAll(() => rm(directory, { recursive: true }))

it('fails with the output when any of the commands fails, also within a pipe', async () => {
  await expect(runCommands('echo before\nfalse | cat\necho after', shell())).rejects.toThrow(/exit code 1:\nbefore\n$/)
})

it('enters text on a terminal', async () => {
  await runCommands('test -t 0; read -r word; test "$word" = import', shell(), 'import')
})

it('goes on when a background program says that it is ready, and interrupts it', async () => {
  const program = await startCommands(
    'trap "exit 0" INT; echo ready; while :; do read -t 0.05 <> <(:) || :; done',
    'ready',
    shell(),
  )
  await program.interrupt()
})

it('tells that a background program ended too early', async () => {
  await expect(startCommands('echo sorry', 'ready', shell())).rejects.toThrow(
    /it ended before "ready" was seen:\nsorry/,
  )
})

it('stops a page at its first failure and names the line', async () => {
  const addresses = { nats: '', postgres: '', port: 1, folder: directory }
  const steps = [
    { line: 3, commands: 'exit 7', handling: { kind: 'run' } },
    { line: 9, commands: 'x', handling: { kind: 'skip', reason: 'no cloud' } },
  ] as const
  const outcome = await runPage('a.md', steps, directory, addresses)
  expect(outcome.failure).toMatch(/^a\.md:3: ended with exit code 7/)
  expect(outcome.skipped).toEqual(['a.md:9: no cloud'])
})

it('knows the packages that can be installed', async () => {
  expect(installedNames('npm install -D @eds/core@1 pg   # and more')).toEqual(['@eds/core', 'pg'])
  await checkInstallation('npm install @eds/core pg')
  await expect(checkInstallation('npm install @eds/driver-nothing')).rejects.toThrow('@eds/driver-nothing')
})
