import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { shopSchemas, shopTables, writeExport } from '@eds/shop'
import { type PrivateServer, startPostgres } from '@eds/tool-services'
import type { BenchScale } from './command-line.js'
import { copyLimit, keepTemplate } from './copy-limit.js'
import { serverCpuMicros } from './cpu.js'
import { type ImportRun, runImport } from './import-process.js'
import { type BenchRow, median, row } from './result.js'

interface Round extends ImportRun {
  readonly rate: number
  readonly postgresMicros: number
}

const tableCount = 12

/** `eds import --dir` of gzipped export files into PostgreSQL, beside `psql \copy` of the same rows from ready files. */
export async function importBench({ quick, rounds }: BenchScale, report: (row: BenchRow) => void): Promise<void> {
  const postgres = await startPostgres()
  const folder = await mkdtemp(join(tmpdir(), 'eds-bench-import-'))
  try {
    const rows = quick ? 60_000 : 1_000_000
    const small = await prepareImport(folder, rows, postgres)
    await small.run()
    const files = await keepTemplate(postgres.url)
    const copied: number[] = []
    const imported: Round[] = []
    for (let round = 0; round < rounds; round++) {
      copied.push(await copyLimit(postgres.url, files))
      imported.push(await small.run())
    }
    await files.remove()
    await small.remove()
    reportRates(rows, copied, imported, report)
    reportMemory(rows, imported, report)
    if (quick) return
    const large = await prepareImport(folder, 3 * rows, postgres)
    reportMemory(3 * rows, [await large.run()], report)
  } finally {
    await postgres.remove()
    await rm(folder, { recursive: true })
  }
}

async function prepareImport(folder: string, rows: number, postgres: PrivateServer) {
  const directory = join(folder, String(rows))
  const tables = shopTables.slice(0, tableCount)
  await writeExport({ dir: directory, seed: 1, rows, rowsPerFile: 25_000, rowBytes: 'small', tables })
  const schemas = join(folder, 'schemas.json')
  await writeFile(schemas, JSON.stringify(shopSchemas({ rowBytes: 'small' }).versions))
  const data = join(folder, 'data')
  const words = ['--dir', directory, '--url', postgres.url, '--schema', schemas, '--data-dir', data, '--no-confirm']
  return {
    run: async (): Promise<Round> => {
      const before = serverCpuMicros('postgres', postgres.port)
      const run = await runImport(words)
      const postgresMicros = (serverCpuMicros('postgres', postgres.port) - before) / rows
      return { ...run, rate: rows / run.seconds, postgresMicros }
    },
    remove: () => rm(directory, { recursive: true }),
  }
}

function reportRates(
  rows: number,
  copied: readonly number[],
  imported: readonly Round[],
  report: (row: BenchRow) => void,
): void {
  const figures = (pick: (round: Round) => number) => imported.map(pick)
  report(row('import', 'psql \\copy of ready files', 'rows/s', copied))
  const rates = figures(({ rate }) => rate)
  report(row('import', 'eds import', 'rows/s', rates, { limit: median(copied) }))
  report(
    row(
      'import',
      'eds import: CPU of node',
      'µs/row',
      figures(({ cpuMicros }) => cpuMicros / rows),
    ),
  )
  report(
    row(
      'import',
      'eds import: CPU of PostgreSQL',
      'µs/row',
      figures(({ postgresMicros }) => postgresMicros),
    ),
  )
}

function reportMemory(rows: number, rounds: readonly Round[], report: (row: BenchRow) => void): void {
  const peaks = rounds.map(({ peakRssBytes }) => peakRssBytes / 1e6)
  report(row('import', `eds import: peak RSS, ${rows.toLocaleString('en')} rows`, 'MB', peaks))
}
