import cluster from 'node:cluster'
import { fileURLToPath } from 'node:url'
import { setupPrimary } from '@socket.io/cluster-adapter'

/** Two workers with the cluster adapter: tells their ports, then has the first one write what it is told to. */
cluster.setupPrimary({
  exec: fileURLToPath(new URL('./cluster-worker.ts', import.meta.url)),
  execArgv: process.execArgv,
})
setupPrimary()

const ports: number[] = []
const workers = [cluster.fork(), cluster.fork()]
for (const worker of workers) {
  worker.on('message', (message: { readonly port?: number }) => {
    if (message.port === undefined) return
    ports.push(message.port)
    if (ports.length === workers.length) process.send?.({ ports })
  })
}
process.on('message', (message) => workers[0]?.send(message as object))
process.on('disconnect', () => process.exit(0))
