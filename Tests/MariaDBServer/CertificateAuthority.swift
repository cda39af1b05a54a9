internal import Foundation

/// Certificates for tests of TLS, in a folder of its own that goes with it.
public final class CertificateAuthority {
  private let folder: String
  /// What vouches for the others.
  public var certificatePath: String { folder + "/ca.pem" }

  public init() throws(MariaDBProblem) {
    folder = "/tmp/tidemark-ca-\(UUID().uuidString.prefix(8))"
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw MariaDBProblem("no folder for certificates: \(error)")
    }
    try MariaDBServer.run(
      MariaDBServer.find("openssl"),
      [
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=Test CA",
        "-keyout", folder + "/ca-key.pem", "-out", certificatePath,
      ])
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// A certificate and its key, made out to DNS names.
  public func issue(
    _ name: String, dnsNames: [String] = []
  ) throws(MariaDBProblem) -> (certificate: String, key: String) {
    let request = folder + "/\(name).csr"
    let key = folder + "/\(name)-key.pem"
    let certificate = folder + "/\(name).pem"
    let openssl = try MariaDBServer.find("openssl")
    let names = (dnsNames.isEmpty ? [name] : dnsNames).map { "DNS:\($0)" }
    try MariaDBServer.run(
      openssl,
      [
        "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=\(name)", "-addext",
        "subjectAltName=" + names.joined(separator: ","), "-keyout", key, "-out", request,
      ])
    try MariaDBServer.run(
      openssl,
      [
        "x509", "-req", "-in", request, "-CA", certificatePath, "-CAkey", folder + "/ca-key.pem",
        "-CAcreateserial", "-copy_extensions", "copyall", "-days", "2", "-out", certificate,
      ])
    return (certificate, key)
  }
}
