import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const maxBuffer = 64 * 1024 * 1024

/** Runs a command and resolves to what it printed. Rejects with what it printed when it fails. */
export async function run(command: string, words: readonly string[], directory: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(command, [...words], { cwd: directory, maxBuffer })
    return stdout
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new Error(`${command} ${words.join(' ')} failed:\n${stdout}${stderr}`, { cause: error })
  }
}

/** Works at several items at a time, in order of the items. */
export async function eachOf<T, R>(items: readonly T[], atATime: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  const entries = items.entries()
  const worker = async () => {
    for (const [index, item] of entries) results[index] = await work(item)
  }
  await Promise.all(Array.from({ length: atATime }, worker))
  return results
}
