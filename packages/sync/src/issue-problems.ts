import type { z } from 'zod'
import type { ConfigProblem } from './config-problems.js'

type Issue = z.core.$ZodIssue

/**
 * What a schema found, in words, each with its path. Give `reportInput` to the validator, so that what is missing can be told from what is
 * wrong.
 *
 * @param base - path of what was validated
 */
export function issueProblems(issues: readonly Issue[], base = ''): ConfigProblem[] {
  return issues.flatMap((issue) => {
    const path = pathText(issue.path, base)
    if (issue.code !== 'unrecognized_keys') return [{ path, message: issueText(issue) }]
    return issue.keys.map((key) => ({ path: pathText([key], path), message: 'is unknown' }))
  })
}

function pathText(path: readonly PropertyKey[], base: string): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    const name = String(part)
    if (!/^\w+$/.test(name)) return `${text}[${JSON.stringify(name)}]`
    return text === '' ? name : `${text}.${name}`
  }, base)
}

function issueText(issue: Issue): string {
  if (issue.code !== 'custom' && 'input' in issue && issue.input === undefined) return 'is missing'
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${kindNames[issue.expected] ?? issue.expected}`
    case 'invalid_value':
      return `must be ${wordList(issue.values.map(String))}`
    case 'too_small':
      return smallText(issue)
    case 'too_big':
      return `must be at most ${issue.maximum}`
    case 'invalid_union':
      return unionText(issue.errors)
    default:
      return issue.message
  }
}

const kindNames: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
}

function smallText({ origin, minimum, inclusive }: z.core.$ZodIssueTooSmall): string {
  if (origin === 'string' || (origin === 'array' && minimum === 1)) return 'must not be empty'
  if (origin === 'array') return `must have at least ${minimum} entries`
  return inclusive ? `must be at least ${minimum}` : `must be more than ${minimum}`
}

/** What is wrong by the alternative whose kind fits; when none does, which kinds there are. */
function unionText(alternatives: readonly (readonly Issue[])[]): string {
  const firsts = alternatives.flatMap(([first]) => first ?? [])
  const meant = firsts.find(({ code, path }) => code !== 'invalid_type' || path.length > 0)
  if (meant !== undefined) return issueText(meant)
  return `must be ${wordList(firsts.map((first) => issueText(first).replace(/^must be /, '')))}`
}

function wordList(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}
