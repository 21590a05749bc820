import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { changeConfigFile, readConfigFile } from '../../src/settings/config-file.js'
import { temporaryFolder } from '../eds.js'

function folderWith(config: string): string {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'config.toml'), config)
  return folder
}

describe('the configuration file', () => {
  it('is read, and what it has besides is left alone', async () => {
    const config = 'token = "t"\nserver_id = "s"\nurl = "file:///a"\nkeep_logs = true\nother = [1]\n'
    expect(await readConfigFile(folderWith(config))).toEqual({
      token: 't',
      serverId: 's',
      url: 'file:///a',
      keepLogs: true,
    })
    expect(await readConfigFile(join(temporaryFolder(), 'none'))).toEqual({})
  })

  it('is made, with its folder, for its owner only', async () => {
    const folder = join(temporaryFolder(), 'data')
    await changeConfigFile(folder, { token: 't', server_id: 's' })
    expect(await readConfigFile(folder)).toEqual({ token: 't', serverId: 's' })
    expect(statSync(join(folder, 'config.toml')).mode & 0o777).toBe(0o600)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(readdirSync(folder)).toEqual(['config.toml'])
  })

  it('keeps what the user wrote, and becomes private', async () => {
    const folder = folderWith('# ours\nkeep_logs = true # all\nserver_id = "s"\n')
    await changeConfigFile(folder, { server_id: undefined, url: 'file:///b' })
    const path = join(folder, 'config.toml')
    expect(readFileSync(path, 'utf8')).toBe('# ours\nkeep_logs = true # all\nurl = "file:///b"\n')
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it.each([
    ['a = 1\ntoken = "top-secret\n', /config\.toml, line 2, column \d+ is not TOML/],
    ['token = 5\n', /config\.toml is not right: token: /],
  ])('that is wrong is refused by its place, unchanged: %j', async (config, message) => {
    const folder = folderWith(config)
    const reading = readConfigFile(folder)
    await expect(reading).rejects.toThrow(message)
    await expect(reading).rejects.toMatchObject({ exitCode: 3 })
    await expect(reading).rejects.not.toThrow('top-secret')
  })

  it('that is not TOML is not overwritten', async () => {
    const folder = folderWith('token = "x')
    await expect(changeConfigFile(folder, { url: 'file:///b' })).rejects.toMatchObject({ exitCode: 3 })
    expect(readFileSync(join(folder, 'config.toml'), 'utf8')).toBe('token = "x')
  })

  it('in a folder that cannot be made', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'config.toml'))
    await expect(readConfigFile(folder)).rejects.toThrow(/cannot read .*config\.toml \(EISDIR\)/)
  })
})
