import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitepress'
import { diagrams } from './diagrams'

const staged = new URL('../../dist/out/', import.meta.url)

export default defineConfig({
  title: 'EDS',
  description: 'Delivers database changes: in order for each row, none lost, fast.',
  lang: 'en',
  srcDir: fileURLToPath(new URL('pages', staged)),
  outDir: fileURLToPath(new URL('html', staged)),
  cacheDir: fileURLToPath(new URL('cache', staged)),
  cleanUrls: true,
  ignoreDeadLinks: 'localhostLinks',
  // Pages are Markdown alone: placeholders such as <name> are text.
  markdown: { html: false, config: diagrams },
  vite: { build: { chunkSizeWarningLimit: 4_000 } },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Start', link: '/getting-started' },
      { text: 'Destinations', link: '/drivers/' },
      { text: 'Sources', link: '/sources/' },
      { text: 'API', link: '/api/' },
    ],
    sidebar: JSON.parse(readFileSync(new URL('navigation.json', staged), 'utf8')),
    socialLinks: [{ icon: 'github', link: 'https://github.com/eds/eds' }],
  },
})
