// Send with npm's @rudderstack/rudder-sdk-node: URL, key, how many. It tries again when the line breaks, not when itself
// gave up waiting.
import Analytics from '@rudderstack/rudder-sdk-node'

const [host, writeKey, count] = process.argv.slice(2)
const analytics = new Analytics(writeKey, {
  dataPlaneUrl: host, flushAt: 20, flushInterval: 200, retryCount: 10, logLevel: 'none',
})
for (let n = 0; n < Number(count); n++) {
  const userId = `rn${n % 50}`
  if (n % 10 === 0) analytics.identify({ userId, traits: { plan: 'gold' } })
  else if (n % 10 === 1) analytics.page({ userId, name: 'home' })
  else analytics.track({ userId, event: 'Client Sent', properties: { n } })
  if (n % 20 === 19) await new Promise((resolve) => setTimeout(resolve, 30))
}
await analytics.flush()
