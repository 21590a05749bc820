/** How a program makes a source: the function, and the interface of its options. */
export interface SourceFacts {
  readonly folder: string
  readonly title: string
  readonly factory: string
  readonly options: string
}

/** Every source package. A source has no definition as drivers have: its options are a TypeScript interface. */
export const sourcePackages: readonly SourceFacts[] = [
  { folder: 'packages/source-nats', title: 'NATS JetStream', factory: 'nats', options: 'NatsOptions' },
  { folder: 'packages/source-postgres', title: 'PostgreSQL', factory: 'postgres', options: 'PostgresSourceOptions' },
  { folder: 'packages/source-mysql', title: 'MySQL and MariaDB', factory: 'mysql', options: 'MysqlOptions' },
  { folder: 'packages/source-http', title: 'HTTP', factory: 'httpSource', options: 'HttpSourceOptions' },
  { folder: 'packages/source-file', title: 'Files', factory: 'fileSource', options: 'FileSourceOptions' },
]
