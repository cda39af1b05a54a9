/// Whole rows as they came over the wire, in one piece of memory.
///
///     bytes   [len 4][00 ‖ nulls ‖ values] [len 4][00 ‖ nulls ‖ values] … [padding 16]
///              └──────── row 0 ─────────┘   └──────── row 1 ─────────┘
///
/// A row begins with its length in 32 bits, little-endian, not counting these four bytes.
/// Text columns of the batch that is made of it point into these bytes: nothing is copied.
struct RowBlock: Sendable {
  /// How many bytes follow the last row, so that eight can be read from anywhere in it.
  static let padding = 16

  var bytes: [UInt8]
  var rowCount: Int

  /// Bytes of the rows.
  var rowBytes: Int { bytes.count - Self.padding }
}
