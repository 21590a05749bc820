import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkRelease, createKey, signRelease } from '../src/sign-release.js'

let folder: string
let directory: string
let keyFile: string
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'eds-release-'))
  directory = join(folder, 'package')
  keyFile = join(folder, 'private.pem')
  mkdirSync(join(directory, 'bin'), { recursive: true })
  const manifest = { name: '@eds/server', version: '1.2.3', files: ['bin', 'keys', 'release.json', 'release.sig'] }
  writeFileSync(join(directory, 'package.json'), JSON.stringify(manifest))
  writeFileSync(join(directory, 'bin', 'eds.js'), 'run()')
  await createKey(directory, keyFile)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const privateKey = () => readFileSync(keyFile, 'utf8')

test('what was signed is found as it was released', async () => {
  expect(await signRelease(directory, privateKey())).toBe('1.2.3')
  expect(await checkRelease(directory)).toBe('1.2.3')
  expect(Object.keys(JSON.parse(readFileSync(join(directory, 'release.json'), 'utf8')).files)).toEqual([
    'bin/eds.js',
    'keys/release.pem',
    'package.json',
  ])
})

test('signing again covers what has changed since', async () => {
  await signRelease(directory, privateKey())
  writeFileSync(join(directory, 'bin', 'eds.js'), 'runBetter()')
  await expect(checkRelease(directory)).rejects.toThrow(/bin\/eds\.js is not as it was released/)
  await signRelease(directory, privateKey())
  expect(await checkRelease(directory)).toBe('1.2.3')
})

test('a key that installed servers do not know signs nothing', async () => {
  const other = join(folder, 'other.pem')
  await createKey(join(folder, 'elsewhere'), other)
  await expect(signRelease(directory, readFileSync(other, 'utf8'))).rejects.toThrow(/not the one in keys\/release\.pem/)
  expect(existsSync(join(directory, 'release.sig'))).toBe(false)
})

test('the private key is for its owner only, and never written over', async () => {
  expect(statSync(keyFile).mode & 0o777).toBe(0o600)
  await expect(createKey(directory, keyFile)).rejects.toThrow(/EEXIST/)
})
