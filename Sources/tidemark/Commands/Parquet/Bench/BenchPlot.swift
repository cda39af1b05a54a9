import Base
import Foundation

/// Results as bars: of each file one panel for writing, one for reading, one for sizes.
///
/// A plain SVG with its own background and colours for light and dark viewers.
struct BenchPlot {
  private let results: [BenchResult]

  private static let width = 960.0
  private static let labelWidth = 110.0
  private static let panelWidth = 270.0
  private static let rowHeight = 22.0
  private static let titleHeight = 64.0

  init(_ results: [BenchResult]) { self.results = results }

  var svg: String {
    var parts: [String] = []
    var y = 16.0
    for file in BenchTable.unique(results.map(\.file)) {
      let rows = results.filter { $0.file == file }
      parts += Self.block(file, rows, y)
      y += Self.titleHeight + Double(rows.count) * Self.rowHeight + 24
    }
    let height = Int(y + 8)
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(Self.width)) \(height)" \
      width="\(Int(Self.width))" height="\(height)" font-family="system-ui, sans-serif">
      <style>
        .paper { fill: #ffffff } .text { fill: #1f2328 } .dim { fill: #59636e }
        .write { fill: #0f6fb3 } .read { fill: #1b8a5a } .size { fill: #b0641c }
        .track { fill: #eef1f4 }
        @media (prefers-color-scheme: dark) {
          .paper { fill: #0d1117 } .text { fill: #e6edf3 } .dim { fill: #9da7b1 }
          .write { fill: #4aa3e0 } .read { fill: #3fb37f } .size { fill: #dd9447 }
          .track { fill: #1c232b }
        }
      </style>
      <rect class="paper" width="100%" height="100%"/>
      \(parts.joined(separator: "\n"))
      </svg>

      """
  }

  private static func block(_ file: String, _ rows: [BenchResult], _ top: Double) -> [String] {
    guard let first = rows.first else { return [] }
    var parts = [
      text(16, top + 18, file, "text", size: 16, weight: "600"),
      text(
        16, top + 38,
        "\(Units.describe(count: first.rows)) rows, \(Units.describe(bytes: first.columnBytes)) of "
          + "columns, profile \(first.profile)", "dim", size: 12),
    ]
    let panels: [(String, String, (BenchResult) -> Double, (Double) -> String)] = [
      ("write, MB/s", "write", { BenchResult.rate($0.columnBytes, $0.encodeSeconds) }, whole),
      ("read, MB/s", "read", { BenchResult.rate($0.columnBytes, $0.decodeSeconds) }, whole),
      ("size, MB", "size", { Double($0.fileBytes) / 1e6 }, fraction),
    ]
    let rowsTop = top + titleHeight
    for (index, row) in rows.enumerated() {
      let y = rowsTop + Double(index) * rowHeight
      parts.append(
        text(16, y + 14, "\(BenchTable.codec(row)), \(row.threads) thr", "text", size: 12))
    }
    for (number, (title, style, value, label)) in panels.enumerated() {
      let x = 16 + labelWidth + Double(number) * (panelWidth + 12)
      parts.append(text(x, rowsTop - 8, title, "dim", size: 12))
      let most = rows.map(value).max() ?? 1
      for (index, row) in rows.enumerated() {
        let y = rowsTop + Double(index) * rowHeight
        let length = max(1, (panelWidth - 56) * value(row) / max(1e-9, most))
        parts.append(rectangle(x, y + 3, panelWidth - 56, "track"))
        parts.append(rectangle(x, y + 3, length, style))
        parts.append(text(x + panelWidth - 52, y + 14, label(value(row)), "text", size: 12))
      }
    }
    return parts
  }

  private static func whole(_ value: Double) -> String {
    Units.describe(count: Int(value.rounded()))
  }

  private static func fraction(_ value: Double) -> String {
    value < 100 ? "\((value * 10).rounded() / 10)" : whole(value)
  }

  private static func rectangle(_ x: Double, _ y: Double, _ width: Double, _ style: String)
    -> String
  {
    "<rect class=\"\(style)\" x=\"\(x)\" y=\"\(y)\" width=\"\((width * 10).rounded() / 10)\" "
      + "height=\"15\" rx=\"2\"/>"
  }

  private static func text(
    _ x: Double, _ y: Double, _ text: String, _ style: String, size: Int, weight: String = "400"
  ) -> String {
    let escaped = text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
    return "<text class=\"\(style)\" x=\"\(x)\" y=\"\(y)\" font-size=\"\(size)\" "
      + "font-weight=\"\(weight)\">\(escaped)</text>"
  }
}
