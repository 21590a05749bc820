import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import os from 'node:os'

/** What the operating system says, read once. */
export interface MachineFacts {
  readonly hostname: string
  /** As Node.js calls it: `linux`, `darwin`, `win32`. */
  readonly platform: string
  readonly kernelVersion: string
  readonly kernelArch: string
  readonly uptimeSeconds: number
  readonly cpus: number
  readonly nodeVersion: string
  /** Addresses of the interfaces that are up. */
  readonly addresses: readonly { readonly address: string; readonly family: string; readonly internal: boolean }[]
  /** The operating system's id of this machine; absent where it has none, as in many containers. */
  readonly machineId?: string
  /** The text of `/etc/os-release`; absent where there is none. */
  readonly osRelease?: string
}

/** Reads this machine. What cannot be read is left out; does not throw. */
export function readMachine(): MachineFacts {
  const machineId = readMachineId()
  const osRelease = readText('/etc/os-release')
  return {
    hostname: os.hostname(),
    platform: os.platform(),
    kernelVersion: os.release(),
    kernelArch: os.machine(),
    uptimeSeconds: os.uptime(),
    cpus: os.cpus().length,
    nodeVersion: process.version,
    addresses: Object.values(os.networkInterfaces()).flatMap((list) => list ?? []),
    ...(machineId === undefined ? {} : { machineId }),
    ...(osRelease === undefined ? {} : { osRelease }),
  }
}

/** From the places that https://github.com/denisbrodbeck/machineid reads. */
function readMachineId(): string | undefined {
  switch (os.platform()) {
    case 'darwin':
      return /"IOPlatformUUID" = "([^"]+)"/.exec(run('ioreg', ['-rd1', '-c', 'IOPlatformExpertDevice']))?.[1]
    case 'win32':
      return /REG_SZ\s+(\S+)/.exec(
        run('reg', ['query', 'HKLM\\SOFTWARE\\Microsoft\\Cryptography', '/v', 'MachineGuid']),
      )?.[1]
    default:
      return readText('/var/lib/dbus/machine-id') ?? readText('/etc/machine-id') ?? readText('/etc/hostid')
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim() || undefined
  } catch {
    return undefined
  }
}

function run(command: string, options: readonly string[]): string {
  try {
    return execFileSync(command, options, { encoding: 'utf8', timeout: 5_000, stdio: ['ignore', 'pipe', 'ignore'] })
  } catch {
    return ''
  }
}
