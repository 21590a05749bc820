import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

/**
 * Tests run straight from the TypeScript sources: every `@eds/*` import resolves through this export condition. Vite adds
 * `import` and `default` by itself; named here, `import` would also apply to `require` in dependencies and break them.
 */
const conditions = ['@eds/source', 'node']

const projects = ['packages', 'apps', 'tools', 'docs/examples'].flatMap((folder) =>
  readdirSync(new URL(folder, import.meta.url)).flatMap((entry) => {
    const root = `${folder}/${entry}`
    const manifest = new URL(`${root}/package.json`, import.meta.url)
    if (!existsSync(manifest)) return []
    const { name } = JSON.parse(readFileSync(manifest, 'utf8')) as { name: string }
    return [{ name, root }]
  }),
)

export default defineConfig({
  test: {
    projects: projects.map(({ name, root }) => ({
      resolve: { conditions },
      ssr: { resolve: { conditions } },
      test: {
        name,
        root,
        include: ['test/**/*.test.ts'],
        testTimeout: 60_000,
        hookTimeout: 120_000,
        // All projects share the machine: what is polled for may be late, never early.
        expect: { poll: { timeout: 40_000 } },
        // With real servers on a machine that others use, too: the summary names what needed it.
        retry: process.env.CI ? 1 : 0,
      },
    })),
  },
})
