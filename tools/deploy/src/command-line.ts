import { join } from 'node:path'
import { checkImage } from './check-image.js'
import { writeTree } from './image-tree.js'
import { prune } from './prune.js'

const usage = `deploy tree FOLDER [DRIVER…]   what an image needs of a built checkout; all drivers unless some are named
deploy prune FOLDER            removes from FOLDER/node_modules what a running program does not read
deploy image [DRIVER…]         executes the Dockerfile's steps without a container engine and checks the result
`

const root = join(import.meta.dirname, '..', '..', '..')

/** Runs one command; resolves to the exit code. */
export async function main(words: readonly string[]): Promise<number> {
  const [command, ...operands] = words
  if (command === 'image') return checkImage(root, operands.join(' ') || 'all')
  const [folder, ...rest] = operands
  if (folder === undefined) return complain()
  // From a build argument all names come in one word.
  const drivers = rest.flatMap((names) => names.split(/[\s,]+/)).filter((name) => name !== '')
  if (command === 'tree') await writeTree(root, folder, drivers.length === 0 ? ['all'] : drivers)
  else if (command === 'prune') await prune(join(folder, 'node_modules'))
  else return complain()
  return 0
}

function complain(): number {
  process.stderr.write(usage)
  return 3
}
