/** What a port says when it is asked whether the wanted server lives there. */
export type ProbeResult =
  /** Nothing accepts connections there. */
  | { readonly state: 'closed' }
  /** The right server, not taking work yet. */
  | { readonly state: 'starting' }
  /** Something answers, but it cannot serve the tests (another protocol, too old, a feature missing). */
  | { readonly state: 'unsuitable'; readonly reason: string }
  /** The right server, ready. `version` as it names itself, if it does before authentication. */
  | { readonly state: 'ready'; readonly version?: string }

/** Where to probe. */
export interface Endpoint {
  readonly host: string
  readonly port: number
}

/** One data folder on one port: what a native server is started with. */
export interface Instance {
  /** As returned by {@link NativeServer.find}. */
  readonly executable: string
  /** Absolute; exists, and belongs to the user that the server runs as. */
  readonly folder: string
  readonly port: number
  /** Given only when the process must not run as the current user. */
  readonly user?: SystemUser
  /** Appended to the server's command line. */
  readonly extraArguments: readonly string[]
}

/** A user that a root process can become. */
export interface SystemUser {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/** A command line. */
export interface Command {
  readonly file: string
  readonly args: readonly string[]
}

/** A way to get a server's executable onto this machine. */
export interface Installer {
  /** For messages: `apt-get install mariadb-server`. */
  readonly label: string
  /** Whether this machine has the tool that installs. Quick, changes nothing. */
  available(): boolean
  /** Rejects with the last lines of the tool's output. */
  run(): Promise<void>
}

/** How a server is run as a process of this machine. */
export interface NativeServer {
  /** The server's executable, if this machine has one that is new enough. Quick, changes nothing. */
  find(): string | undefined
  readonly installer: Installer
  /** The user to become when the current one is root. Absent: root will do. */
  readonly runAs?: string
  /** Creates the data folder's contents; called before every start and harmless when they exist. */
  prepare(instance: Instance): Promise<void>
  command(instance: Instance): Command
  /** Asks for a clean, prompt shutdown. */
  readonly stopSignal: NodeJS.Signals
  readonly startTimeoutMs: number
}

/** Everything that the engine knows about one kind of server. */
export interface ServiceDefinition {
  /** As typed: `npm run services:up postgres`; also the name in `docker-compose.yml`. */
  readonly name: string
  readonly title: string
  /** A URL in this variable wins over everything else. */
  readonly environmentVariable: string
  /** Whether a run with `CI=true` fails without it. */
  readonly required: boolean
  /** Documented, and below the range that systems give to outgoing connections. */
  readonly port: number
  url(port: number): string
  /** Reads the address out of a URL that a user gave; throws when it is not a URL of this server. */
  endpoint(url: string): Endpoint
  /** Asks without authenticating; settles within {@link timeoutMs}, never rejects. */
  probe(endpoint: Endpoint, timeoutMs: number): Promise<ProbeResult>
  readonly native: NativeServer
}

/** A program that tests start themselves, found or installed like a server's. */
export type ProgramDefinition = Pick<ServiceDefinition, 'name' | 'title' | 'required'> & {
  readonly native: Pick<NativeServer, 'find' | 'installer'>
}
