import { layoutUrl } from './url-layout.js'

const mask = '***'

/** Whether a setting of this name holds a secret: `password`, `secret-access-key`, `sessionToken`, `X-Amz-Signature`, `sas`, … */
export function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '')
  return secretName.test(plain)
}

const secretName = new RegExp(
  '(?:password|passwd|passphrase|pwd|secret|token|sas|signature|sig|credentials?|jwt|authorization|connectionstring' +
    '|(?:^|access|account|api|encryption|master|private|secret|shared|signing)key(?:id)?)$',
)

/**
 * A connection URL without its secrets: `postgres://user:***@host/db?sslmode=require`. The password, and the values of parameters
 * with secret names, in the query and in the path (`;SharedAccessKey=…`), are masked; so is a lone user of a scheme where that is
 * a token. What cannot be read for certain is masked whole: the result may say less than it could, but never shows a secret.
 */
export function maskUrl(url: string): string {
  try {
    const { scheme, rest, hostsAt, hostsEnd, queryAt } = layoutUrl(url)
    // An `@` in the query may as well be the end of a password that holds a question mark.
    if (rest.includes('@', queryAt)) return `${scheme}://${mask}`
    const credentials = hostsAt > 0 ? maskCredentials(rest.slice(0, hostsAt - 1), scheme) : ''
    const path = maskParameters(rest.slice(hostsEnd, queryAt), ';')
    return `${scheme}://${credentials}${rest.slice(hostsAt, hostsEnd)}${path}${maskQuery(rest.slice(queryAt))}`
  } catch {
    const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(url)?.[0].toLowerCase() ?? ''
    return scheme + mask
  }
}

/** Here a user without a password is an access token. */
const tokenSchemes = new Set(['http', 'https', 'ws', 'wss', 'nats', 'tls'])

function maskCredentials(text: string, scheme: string): string {
  const colon = text.indexOf(':')
  if (colon >= 0) return `${text.slice(0, colon)}:${mask}@`
  return `${tokenSchemes.has(scheme) ? mask : text}@`
}

function maskQuery(text: string): string {
  return text.startsWith('?') ? `?${maskParameters(text.slice(1), '&')}` : text
}

/** A URL as the value of a parameter, escaped or not. */
const urlWithUser = /^[a-z][a-z0-9+.-]{0,40}(?::|%3a)(?:\/|%2f){2}.*(?:@|%40)/i

function maskParameters(text: string, separator: string): string {
  return text
    .split(separator)
    .map((item) => {
      const equals = item.indexOf('=')
      const isSecret = equals >= 0 && (isSecretName(item.slice(0, equals)) || urlWithUser.test(item.slice(equals + 1)))
      return isSecret ? `${item.slice(0, equals)}=${mask}` : item
    })
    .join(separator)
}

/**
 * Masks what looks like a secret in any text, such as a log line or a message of a client library: URLs with credentials, JWTs, NATS
 * seeds, bearer and other authorization headers, and `password=…` and its like. Takes linear time. It cannot know a password that stands
 * alone: for that use {@link createRedactor}.
 */
export function maskText(text: string): string {
  return text
    .replace(urlInText, maskUrlInText)
    .replace(tokenRun, maskJwt)
    .replace(natsSeed, mask)
    .replace(authorization, `$1${mask}`)
    .replace(assignment, (match, name: string, quote: string) =>
      isSecretName(name) ? `${name}=${quote}${mask}` : match,
    )
    .replace(jsonMember, (match, start: string, name: string) => (isSecretName(name) ? `${start}"${mask}"` : match))
}

/** A URL in a text ends at white space, a quote or an angle bracket. */
const urlInText = /[a-z][a-z0-9+.-]{0,40}:\/\/[^\s"'`<>]*/gi
const tokenRun = /[\w.-]{20,}/g
const natsSeed = /S[ACNOUX][A-Z2-7]{56}/g
const authorization =
  /\b(bearer\s{1,4}|authorization["']?\s{0,4}[:=]\s{0,4}["']?(?:[a-z]{1,20}\s{1,4})?)[\w+/=.~-]{6,}/gi
/** Four characters at least: `key` alone names other things in logs. */
const assignment = /(?<![\w.-])([a-z][\w.-]{3,60})=(["'`]?)[^\s"'`<>;&,]+/gi
const jsonMember = /("([a-z][\w.-]{3,60})"\s{0,2}:\s{0,2})"(?:[^"\\]|\\.)*"/gi

function maskUrlInText(match: string): string {
  let end = match.length
  while (end > 0 && '.,;:!?)}'.includes(match.charAt(end - 1))) end--
  return maskUrl(match.slice(0, end)) + match.slice(end)
}

function maskJwt(run: string): string {
  const start = run.indexOf('eyJ')
  return start >= 0 && run.includes('.', start + 10) ? run.slice(0, start) + mask : run
}

/** Shorter secrets would take ordinary text apart. */
const minSecretLength = 4

/**
 * Gives a function that masks the given secrets wherever they stand in a text: as they are, percent-encoded, and as JSON writes
 * them. Secrets of fewer than four characters are left alone.
 */
export function createRedactor(secrets: Iterable<string>): (text: string) => string {
  const forms = new Set<string>()
  for (const secret of secrets) {
    if (secret.length < minSecretLength) continue
    forms.add(secret)
    forms.add(encodeURIComponent(Buffer.from(secret).toString()))
    forms.add(JSON.stringify(secret).slice(1, -1))
  }
  if (forms.size === 0) return (text) => text
  const longestFirst = [...forms].sort((left, right) => right.length - left.length)
  const pattern = new RegExp(longestFirst.map((form) => form.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'), 'g')
  return (text) => text.replace(pattern, mask)
}
