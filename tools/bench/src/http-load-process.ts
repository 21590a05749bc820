import { runLoad } from './http-load.js'

process.send?.(await runLoad(JSON.parse(process.argv[2] ?? '')))
process.disconnect?.()
