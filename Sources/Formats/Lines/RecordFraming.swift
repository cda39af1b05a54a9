/// Where records end whose text may span several lines: quoted fields, stack traces, elements.
///
/// Blocks are cut where a record ends, so that none is torn; each still consists of whole lines.
public protocol RecordFraming: Sendable {
  /// The end of the last record that is whole for certain.
  /// - Parameters:
  ///   - bytes: begin with a record.
  ///   - count: how many of them to look at; the last one is a newline.
  /// - Returns: the place behind a newline, at most `count`; nil where the first record may go on.
  func lastEnd(in bytes: [UInt8], count: Int) -> Int?
}
