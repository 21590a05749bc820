import type { FormField } from '@eds/core'

/** The form of a database as HQ knows it; fills `database`, `username`, `password`, `hostname` and `port`. */
export function databaseFormFields(defaultPort: number): readonly FormField[] {
  return [
    { name: 'Database', key: 'database', type: 'string', description: 'The database name to use', required: true },
    { name: 'Username', key: 'username', type: 'string', description: 'The username to log in with', required: false },
    {
      name: 'Password',
      key: 'password',
      type: 'string',
      format: 'password',
      description: 'The password to log in with',
      required: false,
    },
    { name: 'Hostname', key: 'hostname', type: 'string', description: 'The host name of the database', required: true },
    {
      name: 'Port',
      key: 'port',
      type: 'number',
      default: defaultPort,
      description: 'The port number of the database',
      required: false,
    },
  ]
}
