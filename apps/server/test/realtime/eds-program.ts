import { main } from '../../src/cli.js'

await main()
