internal import Crypto
internal import Foundation
internal import HTTPClient
internal import Kernels

/// The hashes that calls carry.
enum Hashing {
  static func sha256(_ body: HTTPBody?) -> [UInt8] {
    var hash = SHA256()
    for segment in body?.segments ?? [] { hash.update(data: segment) }
    return Array(hash.finalize())
  }

  static func sha256(_ text: String) -> [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }

  static func hmac(_ text: String, key: [UInt8]) -> [UInt8] {
    Array(
      HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: SymmetricKey(data: key)))
  }

  /// In base64, as `x-amz-checksum-crc32` wants it.
  static func crc32(_ body: HTTPBody) -> String {
    var crc: UInt32 = 0
    for segment in body.segments { crc = Checksum.crc32(segment, after: crc) }
    return base64((0..<4).map { UInt8(truncatingIfNeeded: crc >> (24 - 8 * $0)) })
  }

  /// For `Content-MD5` and the ETags of objects made of parts: what S3 itself uses it for.
  static func md5(_ bytes: [UInt8]) -> [UInt8] { Array(Insecure.MD5.hash(data: bytes)) }

  static func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

  static func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count * 2)
    for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    return String(decoding: text, as: UTF8.self)
  }

  /// nil where the text is not hexadecimal.
  static func bytes(hex text: String) -> [UInt8]? {
    let digits = Array(text.utf8)
    guard digits.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
      let pair = digits[index...index + 1]
      guard pair.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
        let byte = UInt8(String(decoding: pair, as: UTF8.self), radix: 16)
      else { return nil }
      bytes.append(byte)
    }
    return bytes
  }
}
