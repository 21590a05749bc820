/** Tells which paths of a build context `.dockerignore` leaves out. Knows names, `*` and a leading `**`; no exceptions with `!`. */
export function readDockerIgnore(text: string): (path: string) => boolean {
  const patterns = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(toPattern)
  return (path) => patterns.some((pattern) => pattern.test(path))
}

function toPattern(rule: string): RegExp {
  if (rule.startsWith('!')) throw new Error(`.dockerignore: ${rule}: exceptions are not supported here`)
  const anywhere = rule.startsWith('**/')
  const body = rule
    .replace(/^\*\*\//, '')
    .replaceAll(/[.+^$()|{}[\]\\]/g, '\\$&')
    .replaceAll('*', '[^/]*')
  return new RegExp(`^${anywhere ? '(?:.*/)?' : ''}${body}(?:/|$)`)
}
