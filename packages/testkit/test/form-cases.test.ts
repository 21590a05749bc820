import type { FormField } from '@eds/core'
import { ContractViolation, DriverCaseContext, driverCases, MemoryDatabase, memoryDriver, runCase } from '@eds/testkit'
import { expect, it } from 'vitest'

const database: FormField = { name: 'Database', key: 'database', type: 'string', description: 'Name', required: true }
const password: FormField = { name: 'Password', key: 'password', type: 'string', description: 'Of it', required: false }

/** Runs the cases about forms against the reference driver with this form; what they found, by case. */
async function findings(form: readonly FormField[]): Promise<string[]> {
  const store = new MemoryDatabase()
  const definition = { ...memoryDriver(store), form }
  const options = { definition, url: 'memory://:p4ss@shop', read: async (table: string) => store.rows(table) }
  const found: string[] = []
  for (const formCase of driverCases.filter(({ name }) => name.startsWith('form: '))) {
    const result = await runCase(formCase, (name) => DriverCaseContext.open(options, name))
    if (result.outcome !== 'broken') continue
    expect(result.error).toBeInstanceOf(ContractViolation)
    found.push(String(result.error))
  }
  return found
}

it('finds nothing wrong with a sound form', async () => {
  expect(await findings([database, password])).toEqual([])
})

it.each([
  ['fills what is no setting', [database, { ...password, key: 'secret' }], /"Password" fills "secret", which is no/],
  ['has two fields of a name', [database, { ...password, name: 'Database' }], /two fields .* the name "Database"/],
  ['fills a setting twice', [database, { ...database, name: 'Again' }], /two fields .* the key "database"/],
  ['leaves out what is required', [password], /refuses the settings of memory:.*database/],
  ['takes a number for a text', [{ ...database, type: 'number' as const }], /Database must be a number/],
])('notices a form that %s', async (_, form, message) => {
  expect((await findings(form)).join('\n')).toMatch(message)
})
