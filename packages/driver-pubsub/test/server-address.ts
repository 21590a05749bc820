/** `pubsub://host:port/project` of the services → where the server is, and in which project to make topics. */
export function serverAddress(url: string): { host: string; port: number; endpoint: string; project: string } {
  const { hostname, port, pathname } = new URL(url)
  const number = Number(port || 443)
  return { host: hostname, port: number, endpoint: `${hostname}:${number}`, project: pathname.slice(1) || 'eds-test' }
}
