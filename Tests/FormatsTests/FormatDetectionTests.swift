import Testing

@testable import Formats

@Suite struct FormatDetectionTests {
  @Test func everyFormatIsToldFromTextOrNeedsOptions() {
    for format in LineFormats.all {
      #expect(
        (FormatDetection.known[format.name] != nil)
          != FormatDetection.needOptions.contains(format.name),
        "\(format.name): add one line to FormatDetection")
      let needsOptions = format.options.contains { $0.isRequired }
      #expect(FormatDetection.of(format) == nil || !needsOptions)
    }
  }

  @Test func scores() {
    let json = FormatDetection(specificity: 90)
    let csv = FormatDetection(specificity: 20, columnsMin: 2)
    #expect(json.score(rows: 100, rejected: 0, columns: 1) == 90)
    #expect(json.score(rows: 50, rejected: 50, columns: 1) == 45)
    #expect(json.score(rows: 49, rejected: 51, columns: 1) == nil, "less than half")
    #expect(json.score(rows: 0, rejected: 0, columns: 0) == nil, "nothing")
    #expect(csv.score(rows: 100, rejected: 0, columns: 1) == nil, "every line has one field")
    #expect(csv.score(rows: 100, rejected: 0, columns: 2) == 20)
    // One record of a log with hundreds of lines of something else.
    #expect(json.score(rows: 1, rejected: 0, continued: 255, columns: 1) == nil)
    #expect(json.score(rows: 10, rejected: 0, continued: 100, columns: 1) == 60)
  }
}
