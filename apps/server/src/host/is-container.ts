import { existsSync } from 'node:fs'

/** Whether this program runs in a container, as far as one can tell; `EDS_CONTAINER` (`true`, `false`) decides where it is set. */
export function isContainer(environment: Readonly<Record<string, string | undefined>>): boolean {
  if (environment.EDS_CONTAINER) return environment.EDS_CONTAINER === 'true'
  const marked = environment.KUBERNETES_SERVICE_HOST !== undefined || environment.container !== undefined
  return marked || existsSync('/.dockerenv') || existsSync('/run/.containerenv')
}
