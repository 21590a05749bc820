import { type CommandFailure, usageError } from '../exit-codes.js'

/** Something that is wrong in a configuration file. */
export interface Problem {
  /** Such as `sinks[0].url`; empty: the file as a whole. */
  readonly path: string
  /** Without secrets. */
  readonly message: string
}

export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    return text === '' ? String(part) : `${text}.${String(part)}`
  }, '')
}

/** All problems of a file in one error. */
export function wrongConfig(file: string, problems: readonly Problem[]): CommandFailure {
  return usageError(`${file} is not right: ${problems.map(problemText).join('; ')}`)
}

export function problemText({ path, message }: Problem): string {
  return path === '' ? message : `${path}: ${message}`
}
