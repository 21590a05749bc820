import snowflake, {
  type Bind,
  type Binds,
  type Connection,
  type ConnectionOptions,
  type RowStatement,
} from 'snowflake-sdk'
import { type SimulatorOptions, type SnowflakeSim, startSnowflakeSim } from '../src/index.js'

snowflake.configure({ logLevel: 'OFF', additionalLogToConsole: false })

export const account: SimulatorOptions = {
  user: 'LOADER',
  password: 'p@ss word/1',
  database: 'EDS',
  schema: 'SHOP',
  warehouse: 'LOAD',
  role: 'WRITER',
}

export const startAccount = (): Promise<SnowflakeSim> => startSnowflakeSim(account)

/** The real client, connected to the simulator over plain HTTP on loopback. */
export async function connect(sim: SnowflakeSim, overrides: Partial<ConnectionOptions> = {}): Promise<Connection> {
  const connection = snowflake.createConnection({
    account: 'simulator',
    username: account.user,
    password: account.password,
    database: account.database,
    schema: account.schema,
    warehouse: account.warehouse,
    role: account.role,
    accessUrl: `http://127.0.0.1:${sim.port}`,
    sfRetryMaxLoginRetries: 0,
    ...overrides,
  })
  // Without a callback connectAsync resolves even when the login was refused.
  await new Promise<void>((resolve, reject) => {
    connection.connectAsync((error) => (error ? reject(error) : resolve())).catch(reject)
  })
  return connection
}

export interface Result {
  readonly rows: readonly Record<string, unknown>[]
  readonly statement: RowStatement
}

export interface Failed {
  readonly code: string
  readonly sqlState: string
  readonly message: string
}

export interface RunOptions {
  readonly parameters?: Record<string, unknown>
  readonly onStart?: (statement: RowStatement) => void
}

export function run(
  connection: Connection,
  sqlText: string,
  binds?: readonly Bind[] | readonly (readonly Bind[])[],
  options: RunOptions = {},
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const statement = connection.execute({
      sqlText,
      ...(binds !== undefined && { binds: binds as Binds }),
      ...(options.parameters !== undefined && { parameters: options.parameters }),
      complete: (error, finished, rows) => {
        if (error) reject(error)
        else resolve({ rows: rows ?? [], statement: finished })
      },
    })
    options.onStart?.(statement)
  })
}

/** The error that a statement ends with; a statement that succeeds fails the test. */
export async function failure(work: Promise<unknown>): Promise<Failed> {
  const error = await work.then(
    () => undefined,
    (reason: Failed) => reason,
  )
  if (error === undefined) throw new Error('the statement was expected to fail')
  return { code: String(error.code), sqlState: error.sqlState, message: error.message }
}
