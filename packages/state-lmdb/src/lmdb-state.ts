import { chmod, mkdir, open as openFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { EdsError, type StateStore } from '@eds/core'
import { open as openLmdb, type RootDatabase } from 'lmdb'
import { stateError } from './errors.js'
import { claimFolder, type FolderClaim } from './folder-claim.js'
import { LmdbNamespace } from './namespace.js'
import { rootPath } from './record.js'
import { Snapshots } from './snapshots.js'

export interface LmdbStateOptions {
  /** The store's own folder. Made with mode 0700 when it is not there. On a local disk: LMDB maps its file into memory. */
  readonly directory: string
  /**
   * Where a commit waits for the disk. `inline` (default): in the event loop, which is quickest for who writes. `background`: in a thread,
   * for programs that have others to answer meanwhile.
   */
  readonly commits?: 'inline' | 'background'
}

/** A durable {@link StateStore}. One process at a time may have its folder open. */
export interface LmdbState extends StateStore {
  /** Gives the folder back. Idempotent. Entries can be neither read nor written afterwards. */
  close(): Promise<void>
}

/**
 * Opens the store in a folder, or makes it.
 *
 * A `write` that resolved survives the death of the process at any instant, and a power loss as far as the disk keeps what it
 * confirmed: every commit is synchronised. Commits take a moment (one small synchronised write, usually well under a millisecond; of the
 * event loop unless `commits` says otherwise), so write once per batch, not per event. Writes are applied in the order of their calls.
 *
 * @throws EdsError `configuration` when another process has the folder open (names it) or the folder holds no such store,
 *   `authentication` when rights are missing, `connection` when the disk is full, read-only or failing.
 */
export async function openLmdbState(options: LmdbStateOptions): Promise<LmdbState> {
  const directory = resolve(options.directory)
  await prepareFolder(directory)
  try {
    const database = openDatabase(directory)
    const claim = await claimOrClose(database, directory)
    for (const file of ['data.mdb', 'lock.mdb']) await chmod(join(directory, file), 0o600)
    return stateOf(database, claim, { directory, commits: options.commits ?? 'inline' })
  } catch (error) {
    throw stateError(error, directory)
  }
}

function openDatabase(directory: string): RootDatabase<Buffer, Buffer> {
  return openLmdb<Buffer, Buffer>({
    path: directory,
    noSubdir: false,
    maxDbs: 1,
    keyEncoding: 'binary',
    encoding: 'binary',
    // Plain LMDB: a commit returns when it is on the disk, instead of being synchronised some time later.
    overlappingSync: false,
    // With it, a commit in the background that fails leaves a promise behind that nobody can handle.
    eventTurnBatching: false,
  })
}

async function claimOrClose(database: RootDatabase<Buffer, Buffer>, directory: string): Promise<FolderClaim> {
  try {
    return claimFolder(database, directory)
  } catch (error) {
    await database.close()
    throw error
  }
}

function stateOf(
  database: RootDatabase<Buffer, Buffer>,
  claim: FolderClaim,
  { directory, commits }: Required<LmdbStateOptions>,
): LmdbState {
  const snapshots = new Snapshots(database, directory)
  const root = new LmdbNamespace({ database, snapshots, directory, commits }, rootPath)
  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    snapshots.close()
    claim.release()
    await database.close()
  }
  return {
    get: (key) => root.get(key),
    entries: (prefix) => root.entries(prefix),
    write: (changes) => root.write(changes),
    namespace: (name) => root.namespace(name),
    close: () => {
      closing ??= close()
      return closing
    },
  }
}

async function prepareFolder(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    await refuseForeignFile(join(directory, 'data.mdb'))
  } catch (error) {
    throw stateError(error, directory)
  }
}

const lmdbMagic = 0xbeefc0de
const magicOffset = 24

/** LMDB ends the process when it is given a file of another kind, so look first. */
async function refuseForeignFile(path: string): Promise<void> {
  const file = await openFile(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (file === undefined) return
  try {
    const header = Buffer.alloc(magicOffset + 4)
    const { bytesRead } = await file.read(header, 0, header.length, 0)
    if (bytesRead === 0 || header.readUInt32LE(magicOffset) === lmdbMagic) return
    throw new EdsError('configuration', `${path} is not a state store, or is damaged`, {
      fix: 'move the file away, or name another folder',
    })
  } finally {
    await file.close()
  }
}
