import { createInterface, type Interface } from 'node:readline'
import { Writable } from 'node:stream'
import type { CommandIo } from '../command.js'
import { CommandFailure, exitCodes } from '../exit-codes.js'

export interface Question {
  /** What is asked, without punctuation. */
  readonly text: string
  /** Taken when nothing is entered. */
  readonly default?: string
  /** Nothing of what is typed is shown. */
  readonly isSecret?: boolean
  /** Must something be entered? Default true. */
  readonly isRequired?: boolean
  /** What is wrong with an answer; `undefined` when it is right. */
  readonly problem?: (answer: string) => string | undefined
}

/** Asks on the terminal, a line each. Questions are on standard error, like all that is no result. */
export class Questions {
  readonly #io: Pick<CommandIo, 'stderr'>
  readonly #interface: Interface
  readonly #lines: AsyncIterator<string>
  #isMuted = false

  constructor(io: Pick<CommandIo, 'stdin' | 'stderr'>) {
    this.#io = io
    const output = new Writable({
      write: (chunk, _encoding, done) => {
        if (!this.#isMuted) io.stderr.write(chunk)
        done()
      },
    })
    // As a terminal, where it is one, so that it is this program that shows what is typed, or does not.
    this.#interface = createInterface({ input: io.stdin, output, terminal: 'setRawMode' in io.stdin })
    this.#lines = this.#interface[Symbol.asyncIterator]()
  }

  /** Asks until the answer is right. Empty when nothing was entered and nothing has to be. */
  async ask({ text, default: preset, isSecret = false, isRequired = true, problem }: Question): Promise<string> {
    for (;;) {
      const hint = preset === undefined ? (isRequired ? '' : ' (may be empty)') : ` [${preset}]`
      const entered = await this.#read(`${text}${hint}: `, isSecret)
      const answer = entered === '' ? (preset ?? '') : entered
      const wrong = answer === '' ? (isRequired ? 'is needed' : undefined) : problem?.(answer)
      if (wrong === undefined) return answer
      this.#io.stderr.write(`  ${wrong}\n`)
    }
  }

  tell(text: string): void {
    this.#io.stderr.write(`${text}\n`)
  }

  close(): void {
    this.#interface.close()
  }

  async #read(prompt: string, isSecret: boolean): Promise<string> {
    this.#interface.setPrompt(prompt)
    this.#interface.prompt()
    this.#isMuted = isSecret
    const { done, value } = await this.#lines.next()
    if (isSecret) this.#io.stderr.write('\n')
    this.#isMuted = false
    if (done) throw new CommandFailure(exitCodes.error, 'stopped before the last answer: nothing was written')
    return isSecret ? value : value.trim()
  }
}
