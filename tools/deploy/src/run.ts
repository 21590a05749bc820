import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const maxBuffer = 64 * 1024 * 1024

/** Runs a command and resolves to what it printed. Rejects with what it printed when it fails. */
export async function run(command: string, words: readonly string[], stdin = ''): Promise<string> {
  const running = promisify(execFile)(command, [...words], { maxBuffer })
  running.child.stdin?.end(stdin)
  try {
    return (await running).stdout
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new Error(`${command} ${words.join(' ')} failed:\n${stdout}${stderr}`, { cause: error })
  }
}
