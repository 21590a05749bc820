import { MemoryStream, memorySource, testSource } from '@eds/testkit'

const stream = new MemoryStream()

testSource({
  title: 'Memory keeps the source contract',
  create: () => memorySource(stream),
  reset: async () => stream.reset(),
  publish: async (messages) => stream.publish(messages),
  loseOldest: async (keep) => stream.loseOldest(keep),
  connection: stream.connection,
  pulledWhenQuiet: async () => stream.pulled,
})
