/** What is to be done with the commands of a page. */
export type Handling =
  /** Run to the end, which must be exit code 0. `typed` is entered on a terminal. */
  | { readonly kind: 'run'; readonly typed?: string }
  /** Start, wait until the output holds this text, go on with the page; interrupted at the next one, at a `stop`, or at the page's end. */
  | { readonly kind: 'background'; readonly until: string }
  /** Not run, and why. */
  | { readonly kind: 'skip'; readonly reason: string }
  /** `npm install` of packages that the workspace publishes: their names are checked. */
  | { readonly kind: 'installation' }
  /** Interrupt what runs in the background. */
  | { readonly kind: 'stop' }

/** A block of commands, or a note to the tests between blocks. */
export interface Step {
  /** Of the block's or the note's first line, from 1. */
  readonly line: number
  readonly commands: string
  readonly handling: Handling
}

const shellLanguages = new Set(['sh', 'bash', 'shell', 'zsh', 'console'])
const commandLine = /^(?:\$ |(?:npx|npm|eds|node|docker|helm|kubectl|curl|git|psql) )/

/**
 * The commands of a page in order. A comment `<!-- docs: … -->` says how to run the block that follows:
 * `skip REASON`, `background until TEXT`, `type TEXT`. `stop` stands for itself, and after `run` or `run background until TEXT` the comment's
 * further lines are commands that readers do not see.
 *
 * @throws Error when a note is not understood, or when a block has commands and no language or another one than `sh`.
 */
export function stepsOf(page: string): Step[] {
  const steps: Step[] = []
  let note: Handling | undefined
  for (const match of page.matchAll(/^<!-- docs: ([\s\S]*?)-->|^(`{3,})([^\n]*)\n([\s\S]*?)^\2 *$/gm)) {
    const [, text, , language = '', commands = ''] = match
    const line = page.slice(0, match.index).split('\n').length
    if (text !== undefined) {
      const [first = '', ...hidden] = text.trim().split('\n')
      const handling = handlingOf(first, line)
      if (first === 'stop' || first.startsWith('run')) steps.push({ line, commands: hidden.join('\n'), handling })
      else note = handling
    } else if (isShell(language.trim(), commands, line)) {
      steps.push({ line, commands, handling: note ?? standardHandling(commands) })
      note = undefined
    }
  }
  return steps
}

function handlingOf(text: string, line: number): Handling {
  if (text === 'stop') return { kind: 'stop' }
  if (text === 'run') return { kind: 'run' }
  const [, word, rest] = /^(?:run )?(skip|type|background until) (\S.*)$/.exec(text) ?? []
  if (word === undefined || rest === undefined) throw new Error(`line ${line}: "docs: ${text}" is not understood`)
  if (word === 'skip') return { kind: 'skip', reason: rest }
  return word === 'type' ? { kind: 'run', typed: rest } : { kind: 'background', until: rest }
}

function isShell(language: string, text: string, line: number): boolean {
  if (language === 'sh') return true
  const hidden =
    shellLanguages.has(language) || (language === '' && text.split('\n').some((it) => commandLine.test(it)))
  if (hidden) throw new Error(`line ${line}: commands stand in blocks of the language "sh", so that they are tested`)
  return false
}

/** Whether a block does nothing but install packages of ours in a project of the reader's. */
function standardHandling(commands: string): Handling {
  const lines = commands.trim().split('\n')
  const isInstallation = lines.every((line) => /^npm install (?:-\S+ )*@eds\/\S+/.test(line) && !line.includes('&&'))
  return isInstallation ? { kind: 'installation' } : { kind: 'run' }
}
