import { testDriver } from '@eds/testkit'
import driver from '../src/index.js'
import { storeNamed } from '../src/store.js'

const store = storeNamed('kit')
store.password = 'kit/p@ss?4711'

function urlWith(password: string): string {
  return `__scheme__://:${encodeURIComponent(password)}@kit`
}

testDriver({
  definition: driver,
  url: urlWith(store.password),
  wrongUrl: urlWith('an0ther/p@ss'),
  readEvents: () => store.entries(),
  // With what surrounds the row, larger than the default of maxEventBytes.
  poison: (row) => ({ ...row, name: 'x'.repeat(2 ** 20) }),
  drop: async (table) => store.drop(table),
  connection: {
    break: async () => {
      store.state = 'down'
    },
    stall: async () => {
      store.state = 'silent'
    },
    restore: async () => {
      store.state = 'up'
    },
  },
})
