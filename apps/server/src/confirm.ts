import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import type { CommandIo } from './command.js'
import { usageError } from './exit-codes.js'

/**
 * Asks for a word to be typed. Resolves to whether it was.
 *
 * @param skip - the option by which one need not be asked, for when there is nobody to ask
 */
export async function confirm(io: CommandIo, question: string, word: string, skip: string): Promise<boolean> {
  if (io.stdin.isTTY !== true) throw usageError(`${question}: there is no terminal to ask on`, `repeat with ${skip}`)
  const output = new Writable({
    write(chunk, _encoding, done) {
      io.stderr.write(chunk)
      done()
    },
  })
  const lines = createInterface({ input: io.stdin, output })
  try {
    const answer = await lines.question(`${question}.\nType ${word} to go on: `, { signal: io.signal })
    return answer.trim() === word
  } catch {
    return false
  } finally {
    lines.close()
  }
}
