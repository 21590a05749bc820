import { type CommandFailure, usageError } from '../exit-codes.js'

/** Something that is wrong in a configuration file. */
export interface Problem {
  /** Such as `sinks[0].url`; empty: the file as a whole. */
  readonly path: string
  /** Without secrets. */
  readonly message: string
  /** Whether the command line is to blame, and not the file. */
  readonly isGiven?: boolean
}

export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    return text === '' ? String(part) : `${text}.${String(part)}`
  }, '')
}

/** All problems of a file, and of the command line on top of it, in one error. */
export function wrongConfig(file: string, problems: readonly Problem[]): CommandFailure {
  const inFile = problems.filter(({ isGiven = false }) => !isGiven).map(problemText)
  const given = problems.filter(({ isGiven = false }) => isGiven).map(problemText)
  return usageError([...(inFile.length > 0 ? [`${file} is not right: ${inFile.join('; ')}`] : []), ...given].join('; '))
}

export function problemText({ path, message }: Problem): string {
  return path === '' ? message : `${path}: ${message}`
}
