/// Through which proxies requests go.
public enum ProxySettings: Sendable {
  case none
  /// As the customary variables say: `http_proxy`, `https_proxy`, `all_proxy`, `no_proxy`, the
  /// last three also in capitals (`HTTP_PROXY` is left out: a web server's requests can set it).
  case environment(@Sendable (String) -> String?)
  case url(String)

  /// The proxy for a URL and the hosts to reach without one, as libcurl takes them; an empty proxy
  /// is none.
  func settings(for url: String) -> (proxy: String, except: String) {
    switch self {
    case .none: return ("", "")
    case .url(let proxy): return (proxy, "")
    case .environment(let variable):
      func first(_ names: [String]) -> String? {
        names.lazy.compactMap(variable).first { !$0.isEmpty }
      }
      let isSecure = url.lowercased().hasPrefix("https:")
      let proxy = first(isSecure ? ["https_proxy", "HTTPS_PROXY"] : ["http_proxy"])
      return (
        proxy ?? first(["all_proxy", "ALL_PROXY"]) ?? "", first(["no_proxy", "NO_PROXY"]) ?? ""
      )
    }
  }
}
