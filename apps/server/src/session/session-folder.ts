import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { EdsError } from '@eds/core'
import { writePrivateFile } from '../host/data-directory.js'

/** Where a session's credentials lie while it lasts, readable for their owner only. */
export interface SessionFolder {
  /** Absolute. Absent where NATS wants no credentials. */
  readonly credentialsFile?: string
  remove(): Promise<void>
}

/** Makes the folder of a session below the data directory. */
export async function makeSessionFolder(
  dataDirectory: string,
  sessionId: string,
  credentials: string | undefined,
): Promise<SessionFolder> {
  const sessions = join(dataDirectory, 'sessions')
  const folder = join(sessions, folderName(sessionId))
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const remove = () => rm(folder, { recursive: true, force: true })
  if (credentials === undefined) return { remove }
  const credentialsFile = join(folder, 'nats.creds')
  await writePrivateFile(credentialsFile, credentials)
  return { credentialsFile, remove }
}

/** Removes what sessions before have left, their program having been killed. */
export async function removeSessions(dataDirectory: string): Promise<void> {
  await rm(join(dataDirectory, 'sessions'), { recursive: true, force: true })
}

function folderName(sessionId: string): string {
  if (/^[A-Za-z0-9][\w.-]*$/.test(sessionId)) return sessionId
  throw new EdsError('unknown', 'HQ gave a session id that cannot be the name of a folder')
}
