import { describe } from 'vitest'
import { chromium } from './chromium.js'
import { ensureExecutable, messageOf, up } from './engine.js'
import { isContinuousIntegration } from './machine.js'
import { serviceNamed } from './registry.js'
import type { ProgramDefinition, ServiceDefinition } from './service-definition.js'

/** What a test file gets for a server that it needs. */
export interface RequiredService {
  /** Well formed even when the server is missing, so that skipped blocks can still be collected. */
  readonly url: string
  /** Why there is no server; undefined when there is one. */
  readonly missing: string | undefined
  /** Vitest's `describe`; without the server its tests are skipped by name and the title says why. */
  describe(title: string, body: () => void): void
}

/**
 * Finds or starts the shared server that a test file needs; call it at the top of the file. With `CI=true` it rejects
 * when the server is a required one and cannot be had, so that the file fails.
 */
export async function requireService(name: string): Promise<RequiredService> {
  const service = serviceNamed(name)
  const outcome = await up(service)
  return outcome.state === 'up' ? required(outcome.url, undefined) : missing(service, outcome.reason)
}

/** The same for tests that start servers of their own (`startNats`, `startPostgres`): the executable must be here. */
export async function requireExecutable(name: string): Promise<Omit<RequiredService, 'url'>> {
  const service = serviceNamed(name)
  try {
    await ensureExecutable(service)
    return required('', undefined)
  } catch (error) {
    return missing(service, messageOf(error))
  }
}

/** A browser for a test file, as {@link requireExecutable} gives a server: `executable` is its path. */
export async function requireChromium(): Promise<Omit<RequiredService, 'url'> & { readonly executable: string }> {
  try {
    return { ...required('', undefined), executable: await ensureExecutable(chromium) }
  } catch (error) {
    return { ...required('', missingText(chromium, messageOf(error))), executable: '' }
  }
}

function missing(service: ServiceDefinition, reason: string): RequiredService {
  return required(service.url(service.port), missingText(service, reason))
}

/** Throws where nothing may be missing. */
function missingText({ title, required: isRequired }: ProgramDefinition, reason: string): string {
  const text = `${title} is missing: ${reason}`
  if (isRequired && isContinuousIntegration()) throw new Error(text)
  return text
}

function required(url: string, reason: string | undefined): RequiredService {
  return {
    url,
    missing: reason,
    describe: (title, body) => {
      if (reason === undefined) describe(title, body)
      else describe.skip(`${title} [skipped: ${reason.split('\n')[0]}]`, body)
    },
  }
}
