import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

export interface ChildReading {
  readonly url: string
  readonly stream: string
  readonly cursor: string
  readonly ack: 'auto' | 'all' | 'explicit'
  /** Messages to read, and how many of them to acknowledge. */
  readonly count: number
  readonly acknowledge: number
  /** Runs when it has read all, before it is killed. */
  readonly beforeDeath?: () => Promise<void>
}

/** Lets another process read, kills it with SIGKILL when it has read all, and returns the positions that it read. */
export async function readAndDie({
  url,
  stream,
  cursor,
  ack,
  count,
  acknowledge,
  beforeDeath,
}: ChildReading): Promise<string[]> {
  const loader = ['--conditions=@eds/source', '--import', pathOf('../../../../test-loader.mjs')]
  const parameters = [
    pathOf('../fixtures/reading-process.ts'),
    url,
    stream,
    cursor,
    ack,
    String(count),
    String(acknowledge),
  ]
  const child = spawn(process.execPath, [...loader, ...parameters], { stdio: ['ignore', 'pipe', 'inherit'] })
  const positions: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    if (line !== 'read') {
      positions.push(line)
      continue
    }
    await beforeDeath?.()
    child.kill('SIGKILL')
  }
  if (child.signalCode === null) await once(child, 'exit')
  return positions
}
