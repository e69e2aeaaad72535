// Send with npm's @segment/analytics-node: URL, key, how many.
import { Analytics } from '@segment/analytics-node'

const [host, writeKey, count] = process.argv.slice(2)
const analytics = new Analytics({ host, writeKey, flushAt: 15, flushInterval: 200, maxRetries: 10, httpRequestTimeout: 1000 })
const failures = []
analytics.on('error', (error) => failures.push(error))
for (let n = 0; n < Number(count); n++) {
  const userId = `sn${n % 50}`
  if (n % 10 === 0) analytics.identify({ userId, traits: { plan: 'gold' } })
  else if (n % 10 === 1) analytics.group({ userId, groupId: 'g1' })
  else analytics.track({ userId, event: 'Client Sent', properties: { n } })
  if (n % 100 === 99) await new Promise((resolve) => setTimeout(resolve, 50))
}
await analytics.closeAndFlush({ timeout: 120000 })
if (failures.length) {
  console.error(failures)
  process.exit(1)
}
