import { statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EdsError } from '@eds/core'
import type { RootDatabase } from 'lmdb'
import { currentProcess, isOwnerAlive, type ProcessIdentity, processStart } from './process-identity.js'
import { ownerKey } from './record.js'

const signOfLifeMs = 5_000

/** The sole right to use a folder. */
export interface FolderClaim {
  /** Gives the right back. Does not throw. */
  release(): void
}

/**
 * Takes the folder for this process. The claim is a record of the store itself, read and replaced in one transaction, so that two
 * processes that start at the same time cannot both get it. What a process that died left behind is taken over.
 *
 * @throws EdsError `configuration` when a process that lives has the folder.
 */
export function claimFolder(database: RootDatabase<Buffer, Buffer>, directory: string): FolderClaim {
  const self = currentProcess()
  const mine = Buffer.from(JSON.stringify(self))
  const signOfLife = join(directory, 'alive')
  const evidence = { startOf: processStart, silenceMs: () => silenceOf(signOfLife) }
  database.transactionSync(() => {
    const owner = readOwner(database)
    if (owner !== undefined && isOwnerAlive(owner, self, evidence)) throw claimedError(directory, owner, self)
    database.putSync(ownerKey, mine)
    writeFileSync(signOfLife, '', { mode: 0o600 })
  })
  const timer = setInterval(() => giveSignOfLife(signOfLife), signOfLifeMs).unref()
  return {
    release: () => {
      clearInterval(timer)
      releaseOwner(database, mine)
    },
  }
}

function readOwner(database: RootDatabase<Buffer, Buffer>): ProcessIdentity | undefined {
  const stored = database.get(ownerKey)
  if (stored === undefined) return undefined
  // Nothing but `claimFolder` writes this record, and LMDB keeps it whole.
  return JSON.parse(stored.toString('utf8')) as ProcessIdentity
}

function releaseOwner(database: RootDatabase<Buffer, Buffer>, mine: Buffer): void {
  try {
    database.transactionSync(() => {
      if (database.get(ownerKey)?.equals(mine)) database.removeSync(ownerKey)
    })
  } catch {
    // A full disk: the record stays, and the next process finds that its owner is gone.
  }
}

function silenceOf(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats === undefined ? Number.POSITIVE_INFINITY : Date.now() - stats.mtimeMs
}

function giveSignOfLife(path: string): void {
  try {
    const now = new Date()
    utimesSync(path, now, now)
  } catch {
    // The folder was removed or its disk is gone: writes will say so.
  }
}

function claimedError(directory: string, owner: ProcessIdentity, self: ProcessIdentity): EdsError {
  const elsewhere = owner.pidNamespace === self.pidNamespace ? '' : ` in another container (host ${owner.host})`
  const who = owner.pid === self.pid && elsewhere === '' ? 'this process' : `process ${owner.pid}${elsewhere}`
  return new EdsError('configuration', `the state store in ${directory} is open in ${who}`, {
    fix: elsewhere === '' ? 'stop it, or use another folder' : 'stop it and wait 20 seconds, or use another folder',
  })
}
