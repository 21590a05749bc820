import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { readMachine, systemInfo, systemStats } from '../src/index.js'
import { memoryStats } from '../src/system-info.js'
import { machine } from './machine-facts.js'

const now = 1_000_000_000

describe('systemInfo', () => {
  it('describes a machine under the names of HQ', () => {
    const machineId = createHmac('sha256', '0123456789abcdef').update('eds').digest('hex')
    expect(systemInfo('eds', now, machine)).toEqual({
      hostname: 'host1',
      ipAddress: '172.20.1.2',
      machineId,
      osinfo: {
        host: {
          hostname: 'host1',
          uptime: 100,
          bootTime: 999_899,
          os: 'linux',
          platform: 'debian',
          platformFamily: 'debian',
          platformVersion: '12',
          kernelVersion: '6.1.0',
          kernelArch: 'x86_64',
          hostId: machineId,
        },
        num_cpu: 4,
        go_version: 'node v20.20.2',
      },
    })
  })

  it('does without a machine id, a distribution and a network', () => {
    const { machineId: _, osRelease: __, ...rest } = machine
    const info = systemInfo('eds', now, { ...rest, platform: 'win32', addresses: [] })
    expect(info.machineId).toMatch(/^[0-9a-f]{64}$/)
    expect(info.ipAddress).toBe('127.0.0.1')
    expect(info.osinfo.host).toMatchObject({ os: 'windows', platform: 'windows', platformVersion: '6.1.0' })
  })

  it('gives each program another id, and never the system’s own', () => {
    const [one, other] = ['eds', 'other'].map((name) => JSON.stringify(systemInfo(name, now, machine)))
    expect(one).not.toBe(other)
    expect(one).not.toContain(machine.machineId)
  })

  it('reads the machine it runs on', () => {
    expect(systemInfo('eds', now, readMachine())).toMatchObject({ osinfo: { go_version: `node ${process.version}` } })
    expect(systemStats().memory.total).toBeGreaterThan(0)
  })
})

describe('memoryStats', () => {
  it('counts what is used', () => {
    expect(memoryStats(200, 50)).toEqual({ total: 200, available: 50, free: 50, used: 150, usedPercent: 75 })
  })
})
