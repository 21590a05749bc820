import { readdirSync, readFileSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

/**
 * Tests run straight from the TypeScript sources: every `@eds/*` import resolves through this export condition. Vite adds
 * `import` and `default` by itself; named here, `import` would also apply to `require` in dependencies and break them.
 */
const conditions = ['@eds/source', 'node']

const projects = ['packages', 'apps', 'tools'].flatMap((folder) =>
  readdirSync(new URL(folder, import.meta.url)).map((entry) => {
    const root = `${folder}/${entry}`
    const { name } = JSON.parse(readFileSync(new URL(`${root}/package.json`, import.meta.url), 'utf8')) as {
      name: string
    }
    return { name, root }
  }),
)

export default defineConfig({
  test: {
    projects: projects.map(({ name, root }) => ({
      resolve: { conditions },
      ssr: { resolve: { conditions } },
      test: { name, root, include: ['test/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 120_000 },
    })),
  },
})
