#!/usr/bin/env node
import { main } from '../dist/test-run.js'

process.exitCode = await main(process.argv.slice(2))
