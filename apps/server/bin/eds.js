#!/usr/bin/env node
import { existsSync } from 'node:fs'

const entry = new URL('../dist/cli.js', import.meta.url)
if (existsSync(entry)) {
  const { main } = await import(entry.href)
  await main()
} else {
  console.error('run npm run build first')
  process.exitCode = 1
}
