import { randomBytes } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { z } from 'zod'
import { writePrivateFile } from '../host/data-directory.js'

const controlFile = z.object({ pid: z.number(), port: z.number(), token: z.string(), version: z.string() })

/** `<data-dir>/control.json`: how to talk to the server that runs on this data directory. Whoever can read it may control the server. */
export type ControlFile = z.infer<typeof controlFile>

export function newControlToken(): string {
  return randomBytes(32).toString('base64url')
}

export async function writeControlFile(path: string, content: ControlFile): Promise<void> {
  await writePrivateFile(path, `${JSON.stringify(content)}\n`)
}

/** `undefined` when there is none, or none that can be read: then no server runs. */
export async function readControlFile(path: string): Promise<ControlFile | undefined> {
  try {
    return controlFile.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    return undefined
  }
}

/** Removes the file if it is still the one that was written with this token. */
export async function removeControlFile(path: string, token: string): Promise<void> {
  const current = await readControlFile(path)
  if (current?.token === token) await rm(path, { force: true })
}
