/** Addresses of the servers that the commands of a page meet. */
export interface Addresses {
  readonly nats: string
  /** A database of the page's own. */
  readonly postgres: string
  /** A free port, in place of the usual ones. */
  readonly port: number
  /** A folder of the page's own, in place of those that pages name below `/tmp`. */
  readonly folder: string
}

/** Puts the addresses of the test's servers in place of those that pages name. Everything else is run as it is written. */
export function substitute(commands: string, { nats, postgres, port, folder }: Addresses): string {
  return commands
    .replace(/postgres:\/\/user:password@(?:localhost|127\.0\.0\.1)(?::5432)?\/shop/g, postgres)
    .replace(/postgres:\/\/postgres:eds-test@127\.0\.0\.1:25432\/postgres/g, postgres)
    .replace(/nats:\/\/(?:localhost:4222|127\.0\.0\.1:24222)/g, nats)
    .replace(/\b(localhost|127\.0\.0\.1):8080\b/g, `$1:${port}`)
    .replace(/(localhost:|--port )3000\b/g, `$1${port}`)
    .replace(/\/tmp\//g, `${folder}/tmp/`)
}
