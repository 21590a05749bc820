import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { askServer } from '../../src/http/control-client.js'
import { newControlToken, readControlFile, removeControlFile, writeControlFile } from '../../src/http/control-file.js'
import { temporaryFolder } from '../eds.js'

const content = { pid: 1, port: 1, token: 'first', version: '1' }

describe('the control file', () => {
  it('can be read by its owner only and is there whole', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'control.json')
    await writeControlFile(path, content)
    expect(await readControlFile(path)).toEqual(content)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readdirSync(folder)).toEqual(['control.json'])
  })

  it('is removed by its own server only', async () => {
    const path = join(temporaryFolder(), 'control.json')
    await writeControlFile(path, content)
    await removeControlFile(path, 'second')
    expect(existsSync(path)).toBe(true)
    await removeControlFile(path, 'first')
    expect(existsSync(path)).toBe(false)
    await removeControlFile(path, 'first')
  })

  it('counts as missing when it is unreadable', async () => {
    const path = join(temporaryFolder(), 'control.json')
    expect(await readControlFile(path)).toBeUndefined()
    writeFileSync(path, '{"pid":')
    expect(await readControlFile(path)).toBeUndefined()
  })

  it('has a token that cannot be guessed', () => {
    const tokens = Array.from({ length: 100 }, newControlToken)
    expect(new Set(tokens).size).toBe(100)
    for (const token of tokens) expect(token.length).toBeGreaterThanOrEqual(40)
  })
})

describe('askServer', () => {
  const ask = (path: string) => askServer(path, { method: 'GET', path: '/status' })

  it('finds no server where there is no file, or nobody listens any more', async () => {
    const path = join(temporaryFolder(), 'control.json')
    expect(await ask(path)).toBeUndefined()
    const gone = createServer()
    const port = await listen(gone)
    await new Promise((resolve) => gone.close(resolve))
    await writeControlFile(path, { ...content, port })
    expect(await ask(path)).toBeUndefined()
  })

  it('tells when another program took the port', async () => {
    const path = join(temporaryFolder(), 'control.json')
    const other = createServer((_request, response) => response.writeHead(404).end('<html>'))
    onTestFinished(() => void other.close())
    await writeControlFile(path, { ...content, port: await listen(other) })
    await expect(ask(path)).rejects.toThrow(/belongs to another program.*remove that file/)
  })
})

function listen(server: ReturnType<typeof createServer>): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    })
  })
}
