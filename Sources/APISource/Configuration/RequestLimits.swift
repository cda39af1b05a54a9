internal import Connector
internal import HTTPClient

/// How hard an API may be asked, and how long it is waited for.
struct RequestLimits: Sendable {
  var requestsPerMinute: Int?
  var requestsMax: Int
  var retries: Int
  var failuresMax: Int
  var pauseSeconds: Double
  var connectSeconds: Double
  /// Without a byte.
  var idleSeconds: Double
  var totalSeconds: Double

  init(_ options: ConfigValue) {
    let rate = options["rate"]
    requestsPerMinute = rate?["per_minute"]?.integer
    requestsMax = rate?["concurrent"]?.integer ?? 8
    retries = options["retries"]?.integer ?? 5
    failuresMax = options["breaker"]?["failures"]?.integer ?? 10
    pauseSeconds = options["breaker"]?["pause"]?.seconds ?? 10
    let timeout = options["timeout"]
    totalSeconds = timeout?.seconds ?? timeout?["total"]?.seconds ?? 60
    idleSeconds = timeout?["idle"]?.seconds ?? 30
    connectSeconds = timeout?["connect"]?.seconds ?? min(30, totalSeconds)
  }

  var timeouts: HTTPTimeouts {
    HTTPTimeouts(
      connectSeconds: connectSeconds, totalSeconds: totalSeconds, stalledSeconds: idleSeconds)
  }
}
