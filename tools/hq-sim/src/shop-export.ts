import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { writeExport } from '@eds/shop'
import { parseExportFileName } from './export-files.js'
import type { HqSim } from './hq-sim.js'

/** `500` → an export of so many rows of the shop; `DIR=<folder>` → its files. Resolves to what is served. */
export async function exportOfShop(sim: HqSim, wanted: string): Promise<string> {
  const directory = /^DIR=(.+)$/.exec(wanted)?.[1]
  if (directory !== undefined) {
    await sim.setExport({ directory })
    return `the next import gets the files of ${directory}`
  }
  const rows = wanted === '' ? 1_000 : Number(wanted)
  if (!Number.isSafeInteger(rows) || rows < 1) throw new Error('how many rows? export 1000, or export DIR=<folder>')
  const made = await rowsOfShop(rows)
  await sim.setExport({ rows: made })
  return `the next import gets ${rows} rows of ${Object.keys(made).length} tables`
}

async function rowsOfShop(rows: number): Promise<Record<string, string[]>> {
  const dir = await mkdtemp(join(tmpdir(), 'hq-sim-'))
  try {
    const { files } = await writeExport({ dir, rows, seed: 1 })
    const made: Record<string, string[]> = {}
    for (const file of files) {
      const table = parseExportFileName(file)?.table ?? ''
      const lines = gunzipSync(await readFile(join(dir, file)))
        .toString()
        .trimEnd()
        .split('\n')
      made[table] = [...(made[table] ?? []), ...lines]
    }
    return made
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
