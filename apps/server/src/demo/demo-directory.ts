import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { openLmdbState } from '@eds/state-lmdb'
import { usageError } from '../exit-codes.js'
import { type DataDirectory, dataDirectoryAt, makeDataDirectory } from '../host/data-directory.js'
import { isDirectory } from '../host/is-directory.js'

/** Holds what EDS itself keeps of a demo; its presence says that the folder is one of ours. */
const ownFolder = '.eds'

/**
 * Makes the folder of the demo, empty: what an earlier demo left in it is removed.
 *
 * @throws CommandFailure when the folder holds something that no demo made, EdsError while another demo runs in it.
 */
export async function freshDemoDirectory(path: string): Promise<DataDirectory> {
  const own = dataDirectoryAt(join(path, ownFolder))
  const entries: string[] = await readdir(path).catch(() => [])
  if (entries.length > 0 && !entries.includes(ownFolder)) {
    throw usageError(`${path} holds something that is not from a demo`, 'move it away, or choose another --data-dir')
  }
  if (await isDirectory(own.state)) await (await openLmdbState({ directory: own.state })).close()
  await rm(path, { recursive: true, force: true })
  await makeDataDirectory(path)
  return makeDataDirectory(own.path)
}
