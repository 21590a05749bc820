import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startHqSim } from '@eds/tool-hq-sim'
import { requireExecutable } from '@eds/tool-services/vitest'
import { expect, it, onTestFinished } from 'vitest'
import { runEds, temporaryFolder } from '../eds.js'

const nats = await requireExecutable('nats')

nats.describe('enrolling', () => {
  it('asks for the code on a terminal until it is right', async () => {
    const sim = await startHqSim()
    onTestFinished(() => sim.close())
    const cwd = temporaryFolder()
    const code = sim.newEnrollmentCode()
    const { stderr } = await runEds(['server', '--api-url', sim.url, '--port', 'none'], {
      cwd,
      isTTY: true,
      stdin: `LWRONG\n\n ${code} \n`,
    })
    expect(stderr.split('Enrollment code: ').slice(1)).toEqual([
      expect.stringMatching(/^the enrollment code is not valid/),
      '',
      expect.stringMatching(`^Enrolled as server ${sim.serverId}.\n`),
    ])
    expect(readFileSync(join(cwd, 'data/config.toml'), 'utf8')).toContain(`server_id = "${sim.serverId}"`)
  })

  it('gives up when the terminal is closed', async () => {
    const result = await runEds(['server'], { cwd: temporaryFolder(), isTTY: true })
    expect(result).toMatchObject({ code: 3, stderr: expect.stringMatching(/not enrolled: run eds enroll <code>\n$/) })
  })
})
