import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url))
}

/** Files of the program that follows may not grow beyond 300 KB, and it is told so instead of being killed. */
const limited = ['-c', 'trap "" XFSZ; ulimit -f 600; exec "$@"', 'sh']

it.each(['inline', 'background'])(
  'says that there is no room, keeps all that it confirmed, and lives on, commits %s',
  async (commits) => {
    const directory = await mkdtemp(join(tmpdir(), 'eds-state-'))
    try {
      const loader = ['--conditions=@eds/source', '--import', pathOf('../../../test-loader.mjs')]
      const words = [...loader, pathOf('fixtures/filling-writer.ts'), directory, commits]
      const { stdout } = await promisify(execFile)('sh', [...limited, process.execPath, ...words])
      expect(JSON.parse(stdout)).toEqual({ codes: ['connection', 'connection'], lost: 0 })
    } finally {
      await rm(directory, { recursive: true })
    }
  },
)
