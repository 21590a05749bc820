import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { requireService } from '@eds/tool-services/vitest'
import { expect, it } from 'vitest'
import { stringify } from 'yaml'
import { runEds, temporaryFolder } from '../eds.js'
import { testDatabase } from '../world.js'

const postgres = await requireService('postgres')

/** A folder whose configuration delivers the changes of a database with one table, `customer`. */
async function folderWith(column: string): Promise<string> {
  const database = await testDatabase(postgres.url)
  await database.query('CREATE TABLE customer (id text PRIMARY KEY, "lastName" text)')
  const cwd = temporaryFolder()
  const config = {
    source: { type: 'postgres', url: database.url, mode: 'triggers' },
    port: 0,
    filters: { tables: { include: ['customer', 'custmer'] } },
    transforms: [{ table: 'customer', columns: { mask: [column] } }],
    sinks: [{ name: 'out', url: `file://${cwd}/out` }],
  }
  writeFileSync(join(cwd, 'eds.config.yaml'), stringify(config))
  return cwd
}

postgres.describe('names in the configuration of a database whose changes are delivered', () => {
  it.each(['check', 'server'])('are compared with its catalog by eds %s', async (command) => {
    const { code, stdout, stderr } = await runEds([command], { cwd: await folderWith('last_name') })
    expect(stdout + stderr).toMatch(
      /columns\.mask: table "customer" has no column "last_name" \(did you mean "lastName"\?\)/,
    )
    expect(code).toBe(3)
  })

  it('deserve a remark of eds check where no table is called so', async () => {
    const { code, stdout } = await runEds(['check'], { cwd: await folderWith('lastName') })
    expect(stdout).toMatch(/filters\.tables\.include: there is no schema of a table "custmer"/)
    expect(code).toBe(0)
  })
})
