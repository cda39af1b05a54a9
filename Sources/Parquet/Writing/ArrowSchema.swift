internal import Foundation

/// What the Arrow schema says that Arrow's writers put among a file's key-values: base64 of an IPC
/// message, a FlatBuffer. Readers of Arrow make their columns by it.
enum ArrowSchema {
  static let key = "ARROW:schema"

  private static let depthMax = 64

  /// Which leaves are dictionaries in Arrow, depth first; nil where the text is none of Arrow's.
  static func dictionaryLeaves(_ text: String) -> [Bool]? {
    guard let data = Data(base64Encoded: text) else { return nil }
    var bytes = [UInt8](data)
    // The message's size stands in front, since Arrow 0.15 behind a mark.
    let hasMark = bytes.starts(with: [0xFF, 0xFF, 0xFF, 0xFF])
    bytes.removeFirst(min(bytes.count, hasMark ? 8 : 4))
    let buffer = FlatBuffer(bytes)
    var leaves: [Bool] = []
    guard let message = buffer.root, let schema = buffer.table(message, field: 2),
      let fields = buffer.tables(schema, field: 1),
      add(fields, depth: 0, buffer, to: &leaves)
    else { return nil }
    return leaves
  }

  private static func add(
    _ fields: [Int], depth: Int, _ buffer: FlatBuffer, to leaves: inout [Bool]
  ) -> Bool {
    guard depth < depthMax, leaves.count + fields.count <= buffer.bytes.count else { return false }
    for field in fields {
      let isDictionary = buffer.table(field, field: 4) != nil
      let children = buffer.tables(field, field: 5) ?? []
      if children.isEmpty || isDictionary {
        leaves.append(isDictionary)
      } else if !add(children, depth: depth + 1, buffer, to: &leaves) {
        return false
      }
    }
    return true
  }
}

/// Tables and vectors of tables in a FlatBuffer, by their places; nil where one is not there or
/// its place lies outside.
private struct FlatBuffer {
  let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var root: Int? { target(of: 0) }

  func table(_ table: Int, field: Int) -> Int? { place(table, field).flatMap(target) }

  func tables(_ table: Int, field: Int) -> [Int]? {
    guard let vector = self.table(table, field: field), let count = number(vector, UInt32.self),
      count <= bytes.count / 4
    else { return nil }
    var result: [Int] = []
    for index in 0..<Int(count) {
      guard let element = target(of: vector + 4 + index * 4) else { return nil }
      result.append(element)
    }
    return result
  }

  /// Where a table keeps a field.
  private func place(_ table: Int, _ field: Int) -> Int? {
    guard let distance = number(table, Int32.self) else { return nil }
    let index = table - Int(distance)
    guard let size = number(index, UInt16.self), 4 + field * 2 + 2 <= Int(size),
      let offset = number(index + 4 + field * 2, UInt16.self), offset > 0
    else { return nil }
    return table + Int(offset)
  }

  /// The place that an offset at a place leads to.
  private func target(of place: Int) -> Int? {
    guard let offset = number(place, UInt32.self), offset > 0 else { return nil }
    let target = place + Int(offset)
    return target <= bytes.count - 4 ? target : nil
  }

  private func number<T: FixedWidthInteger>(_ place: Int, _ type: T.Type) -> T? {
    let width = T.bitWidth / 8
    guard place >= 0, place <= bytes.count - width else { return nil }
    return (0..<width).reversed().reduce(T(0)) {
      $0 << 8 | T(truncatingIfNeeded: bytes[place + $1])
    }
  }
}
