import { version } from '../version.js'
import { newControlToken, removeControlFile, writeControlFile } from './control-file.js'
import { type HttpOptions, type HttpServer, startHttpServer } from './http-server.js'

/** Serves HTTP while an action runs, and says in the control file how to reach it. */
export async function whileServing<T>(
  controlFile: string,
  options: Omit<HttpOptions, 'token'> & { readonly token?: string },
  action: (http: HttpServer) => Promise<T>,
): Promise<T> {
  const { token = newControlToken() } = options
  const http = await startHttpServer({ ...options, token })
  try {
    await writeControlFile(controlFile, { pid: process.pid, port: http.controlPort, token, version: version() })
    return await action(http)
  } finally {
    await removeControlFile(controlFile, token)
    await http.close()
  }
}
