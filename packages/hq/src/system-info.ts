import { createHmac } from 'node:crypto'
import os from 'node:os'
import type { HostInfo, SystemInfo } from './api-types.js'
import type { LoadStats, MemoryStats } from './heartbeat.js'
import { type MachineFacts, readMachine } from './machine.js'

/**
 * What HQ wants to know of this machine. Pure, given the facts.
 *
 * @param application part of the machine id's hash, so that two programs on one machine cannot be told to be on the same
 * @param now epoch milliseconds
 */
export function systemInfo(application: string, now: number, machine: MachineFacts = readMachine()): SystemInfo {
  const machineId = hashMachineId(machine.machineId ?? machine.hostname, application)
  return {
    hostname: machine.hostname,
    ipAddress: privateAddress(machine),
    machineId,
    osinfo: {
      host: hostInfo(machine, machineId, now),
      num_cpu: machine.cpus,
      go_version: `node ${machine.nodeVersion}`,
    },
  }
}

/** Keyed by the id, as https://github.com/denisbrodbeck/machineid does, so that the id cannot be found from its hash. */
function hashMachineId(id: string, application: string): string {
  return createHmac('sha256', id).update(application).digest('hex')
}

const privateRange = /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)/

function privateAddress({ addresses }: MachineFacts): string {
  const outer = addresses.filter(({ family, internal }) => family === 'IPv4' && !internal)
  return (outer.find(({ address }) => privateRange.test(address)) ?? outer[0])?.address ?? '127.0.0.1'
}

function hostInfo(machine: MachineFacts, hostId: string, now: number): HostInfo {
  const system = machine.platform === 'win32' ? 'windows' : machine.platform
  const release = releaseFields(machine.osRelease ?? '')
  const platform = release.get('ID') ?? system
  return {
    hostname: machine.hostname,
    uptime: Math.floor(machine.uptimeSeconds),
    bootTime: Math.floor(now / 1_000 - machine.uptimeSeconds),
    os: system,
    platform,
    platformFamily: release.get('ID_LIKE')?.split(' ')[0] ?? platform,
    platformVersion: release.get('VERSION_ID') ?? machine.kernelVersion,
    kernelVersion: machine.kernelVersion,
    kernelArch: machine.kernelArch,
    hostId,
  }
}

/** https://www.freedesktop.org/software/systemd/man/latest/os-release.html */
function releaseFields(text: string): ReadonlyMap<string, string> {
  const lines = text.matchAll(/^([A-Z_]+)=(["']?)(.*)\2$/gm)
  return new Map([...lines].map(([, name = '', , value = '']) => [name, value]))
}

/** Memory and load of this machine, for heartbeats. */
export function systemStats(): { readonly memory: MemoryStats; readonly load: LoadStats } {
  const [load1 = 0, load5 = 0, load15 = 0] = os.loadavg()
  return { memory: memoryStats(os.totalmem(), os.freemem()), load: { load1, load5, load15 } }
}

/** On Linux Node.js calls free what can be had without swapping. */
export function memoryStats(total: number, available: number): MemoryStats {
  const used = total - available
  return { total, available, used, free: available, usedPercent: total === 0 ? 0 : (used / total) * 100 }
}
