import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Whether Google's libraries will find credentials and a project: https://cloud.google.com/docs/authentication/application-default-credentials
 * On Cloud Run (https://cloud.google.com/run/docs/container-contract) the platform has both. Nothing is asked of any server.
 */
export function isGoogleAtHand(environment: Environment, project: string | undefined): boolean {
  if (environment.K_SERVICE) return true
  const named = project ?? environment.GOOGLE_CLOUD_PROJECT ?? environment.GCLOUD_PROJECT
  return Boolean(named) && hasCredentials(environment)
}

function hasCredentials(environment: Environment): boolean {
  if (environment.FIRESTORE_EMULATOR_HOST || environment.GOOGLE_APPLICATION_CREDENTIALS) return true
  return existsSync(join(gcloudFolder(environment), 'application_default_credentials.json'))
}

/** Where `gcloud auth application-default login` puts them. */
function gcloudFolder({ CLOUDSDK_CONFIG, APPDATA, HOME }: Environment): string {
  if (CLOUDSDK_CONFIG) return CLOUDSDK_CONFIG
  return APPDATA ? join(APPDATA, 'gcloud') : join(HOME || homedir(), '.config', 'gcloud')
}
