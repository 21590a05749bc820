import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { parseArgs } from 'node:util'
import type { HqSimOptions } from './hq-sim.js'
import { createPrompt } from './prompt.js'
import { startHqSim } from './start-hq-sim.js'

const usage = `usage: hq-sim [--auth jwt|none] [--port 3101] [--companies id,id]
Starts an HQ and reads commands, a line each, from the terminal or a pipe; "help" lists them.`

/** Runs until `quit`, the end of `input` or SIGINT; with `--help` it says how to start it. Exit code: 0 done, 1 a command failed in a pipe, 3 wrong usage. */
export async function main(args: readonly string[], input: Readable, output: Writable): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    output.write(`${usage}\n`)
    return 0
  }
  const options = parseOptions(args)
  if (typeof options === 'string') {
    output.write(`${options}\n${usage}\n`)
    return 3
  }
  const sim = await startHqSim(options)
  try {
    const prompt = createPrompt(sim)
    output.write(`${prompt.greeting()}\n`)
    return await readCommands(prompt, input, output)
  } finally {
    await sim.close()
  }
}

/** The options, or what is wrong with them. */
export function parseOptions(args: readonly string[]): HqSimOptions | string {
  try {
    const flags = { auth: { type: 'string' }, port: { type: 'string' }, companies: { type: 'string' } } as const
    const { auth = 'jwt', port, companies } = parseArgs({ args: [...args], options: flags }).values
    if (auth !== 'jwt' && auth !== 'none') return `--auth must be jwt or none, not "${auth}"`
    if (port !== undefined && !/^\d{1,5}$/.test(port)) return `--port must be a number, not "${port}"`
    return {
      auth,
      ...(port === undefined ? {} : { port: Number(port) }),
      ...(companies === undefined ? {} : { companies: companies.split(',') }),
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

type Prompt = ReturnType<typeof createPrompt>

/** One command after the other. A person goes on after one that failed; a script ends. */
async function readCommands(prompt: Prompt, input: Readable, output: Writable): Promise<number> {
  const interactive = 'isTTY' in input && input.isTTY === true
  const lines = createInterface({ input, terminal: interactive, output, prompt: 'hq> ' })
  const interrupt = () => lines.close()
  process.once('SIGINT', interrupt)
  lines.on('SIGINT', interrupt)
  try {
    if (interactive) lines.prompt()
    for await (const line of lines) {
      const { text, ok, quit } = await prompt.run(line)
      if (text !== '') output.write(`${text}\n`)
      if (quit) return 0
      if (!ok && !interactive) return 1
      if (interactive) lines.prompt()
    }
    return 0
  } finally {
    process.off('SIGINT', interrupt)
    lines.close()
  }
}
