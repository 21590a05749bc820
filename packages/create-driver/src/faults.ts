/** Schemes that the drivers and sources of EDS serve. Two drivers that claim one scheme are an error for whoever installs both. */
const takenSchemes = [
  ...['eventhub', 'file', 'kafka', 'mariadb', 'mysql', 'nats', 'postgres', 'postgresql', 'pubsub', 's3', 'snowflake'],
  ...['socketio', 'sqlserver'],
]

/** Schemes that mean something else wherever a URL may stand. */
const generalSchemes = ['about', 'blob', 'data', 'ftp', 'http', 'https', 'javascript', 'mailto', 'node', 'ws', 'wss']

/** Schemes that a new driver may not have. */
export const reservedSchemes: ReadonlySet<string> = new Set([...takenSchemes, ...generalSchemes])

const maxNameLength = 24

/** What is wrong with the name of a driver, if anything. `typed` is the whole name, `short` the part that names the destination. */
export function nameFault(typed: string, short: string): string | undefined {
  const scope = /^@([^/]*)\//.exec(typed)?.[1]
  if (short === '') return 'a driver needs a name: my-db'
  if (scope !== undefined && !/^[a-z0-9][a-z0-9._-]*$/.test(scope)) return `"@${scope}" is no npm scope`
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(short)) {
    return `"${typed}" cannot name a driver: use lower-case letters, digits and single dashes, a letter first, as in my-db`
  }
  return short.length > maxNameLength ? `"${short}" is longer than ${maxNameLength} characters` : undefined
}

/** What is wrong with a URL scheme, if anything. */
export function schemeFault(scheme: string): string | undefined {
  if (!/^[a-z][a-z0-9+.-]*$/.test(scheme)) {
    return `"${scheme}" cannot be a URL scheme: use lower-case letters and digits, a letter first, without colon`
  }
  if (takenSchemes.includes(scheme)) return `a driver of EDS serves "${scheme}://" already: choose another scheme`
  return generalSchemes.includes(scheme)
    ? `"${scheme}://" means something else everywhere: choose a scheme that names the destination`
    : undefined
}
