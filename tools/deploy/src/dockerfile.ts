/** One instruction of a Dockerfile, its flags apart. */
export interface Instruction {
  readonly keyword: string
  readonly flags: Readonly<Record<string, string>>
  /** What follows keyword and flags; lines that `\` joins are one. */
  readonly text: string
}

/** What is between one FROM and the next. */
export interface Stage {
  readonly name: string
  /** An image, or the name of an earlier stage. */
  readonly from: string
  readonly instructions: readonly Instruction[]
}

/** Reads a Dockerfile into its stages. ARG in front of the first FROM is not supported: this project has none. */
export function parseDockerfile(text: string): Stage[] {
  const stages: { name: string; from: string; instructions: Instruction[] }[] = []
  for (const line of logicalLines(text)) {
    const instruction = parseInstruction(line)
    if (instruction.keyword === 'FROM') {
      const [from = '', , name = String(stages.length)] = instruction.text.split(/\s+/)
      stages.push({ name, from, instructions: [] })
      continue
    }
    const current = stages.at(-1)
    if (current === undefined) throw new Error(`Dockerfile: ${instruction.keyword} in front of the first FROM`)
    current.instructions.push(instruction)
  }
  return stages
}

function logicalLines(text: string): string[] {
  const lines = text.split('\n').filter((line) => !/^\s*(#|$)/.test(line))
  return lines
    .join('\n')
    .replaceAll(/\s*\\\n\s*/g, ' ')
    .split('\n')
}

function parseInstruction(line: string): Instruction {
  const [, keyword = '', rest = ''] = /^\s*(\w+)\s+(.*)$/.exec(line) ?? []
  const [flagText = ''] = /^(--\S+\s+)*/.exec(rest) ?? []
  const flags = [...flagText.matchAll(/--([\w-]+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value])
  return { keyword: keyword.toUpperCase(), flags: Object.fromEntries(flags), text: rest.slice(flagText.length).trim() }
}

/** The words of an instruction in JSON form (`["node", "x"]`) or separated by spaces. */
export function wordsOf(text: string): string[] {
  if (!text.startsWith('[')) return text.split(/\s+/)
  const words: unknown = JSON.parse(text)
  if (!Array.isArray(words) || !words.every((word) => typeof word === 'string')) {
    throw new Error(`Dockerfile: ${text} is no list of words`)
  }
  return words
}

/** Puts `$NAME`, `${NAME}` and `${NAME:-default}` in. */
export function substitute(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$(?:\{(\w+)(?::-([^}]*))?\}|(\w+))/g, (_all, braced, fallback, plain) => {
    const value = values[braced ?? plain]
    return value === undefined || value === '' ? (fallback ?? '') : value
  })
}
