import type { MachineFacts } from '../src/index.js'

/** A Debian machine. */
export const machine: MachineFacts = {
  hostname: 'host1',
  platform: 'linux',
  kernelVersion: '6.1.0',
  kernelArch: 'x86_64',
  uptimeSeconds: 100.5,
  cpus: 4,
  nodeVersion: 'v20.20.2',
  addresses: [
    { address: '127.0.0.1', family: 'IPv4', internal: true },
    { address: 'fe80::1', family: 'IPv6', internal: false },
    { address: '8.8.8.8', family: 'IPv4', internal: false },
    { address: '172.20.1.2', family: 'IPv4', internal: false },
  ],
  machineId: '0123456789abcdef',
  osRelease: 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian"',
}
