internal import Base

/// What a check of a whole file found.
public struct Verification: Sendable {
  /// Everything that is wrong, by its place in the file.
  public internal(set) var findings: [ParquetError] = []
  public internal(set) var rowCount = 0
  public internal(set) var pageCount = 0
  /// Pages that carry a checksum, all of which were compared.
  public internal(set) var checksumCount = 0

  public var isSound: Bool { findings.isEmpty }

  /// Where the first thing that is wrong is; nil where nothing is, or where no place is known.
  public var firstWrongByte: Int? { findings.compactMap(\.place.offset).min() }

  public var report: Report {
    let items = findings.map { finding -> JSONValue in
      .object([
        "offset": .init(finding.place.offset), "row_group": .init(finding.place.rowGroup),
        "column": .init(finding.place.column), "page": .init(finding.place.page),
        "kind": .string("\(finding.kind)"), "message": .string(finding.message),
      ])
    }
    var text =
      "\(Units.describe(count: rowCount)) rows, \(Units.describe(count: pageCount)) pages, "
      + "\(Units.describe(count: checksumCount)) checksums\n"
    if isSound {
      text += "sound\n"
    } else {
      if let first = firstWrongByte { text += "first wrong byte: \(first)\n" }
      for finding in findings { text += "\(finding)\n" }
    }
    let json: JSONValue = .object([
      "sound": .boolean(isSound), "rows": .init(rowCount), "pages": .init(pageCount),
      "checksums": .init(checksumCount), "first_wrong_byte": .init(firstWrongByte),
      "findings": .array(items),
    ])
    return Report(json: json, text: text)
  }
}

extension ParquetFile {
  /// Opens a file and checks all of it.
  public static func verify(
    _ source: any ByteSource, options: ReadOptions = ReadOptions()
  ) -> Verification {
    do throws(ParquetError) {
      return try ParquetFile(source, options: options).verify()
    } catch {
      var verification = Verification()
      verification.findings = [error]
      return verification
    }
  }

  /// Reads everything and compares checksums, statistics, indexes, sizes and counts with the data.
  ///
  /// Findings do not end the check; what cannot be read ends that of its column chunk.
  public func verify() -> Verification {
    var verification = Verification()
    verification.rowCount = rowCount
    func add(_ error: ParquetError) { verification.findings.append(error) }
    do throws(ParquetError) {
      let magic = try source.bytes(0..<4)
      let expected = footerProtection == .encrypted ? "PARE" : "PAR1"
      if magic != Array(expected.utf8) {
        add(
          ParquetError(
            .notParquet, "the file begins with bytes \(magic), expected \(expected)",
            at: .init(offset: 0)))
      }
    } catch {
      add(error)
    }
    if metadata.rowCount != Int64(clamping: rowCount) {
      add(
        ParquetError(
          .corrupt, "the row groups have \(rowCount) rows, the footer says \(metadata.rowCount)",
          at: .init(offset: footerOffset)))
    }
    for rowGroup in metadata.rowGroups.indices {
      for leaf in parquetSchema.leaves {
        var check = ChunkVerification(self, rowGroup: rowGroup, leaf: leaf)
        check.run()
        verification.pageCount += check.pageCount
        verification.checksumCount += check.checksumCount
        for finding in check.findings { add(finding.at(rowGroup: rowGroup, column: leaf.name)) }
      }
      if let problem = sortingProblem(rowGroup: rowGroup) { add(problem) }
    }
    verification.findings.sort {
      ($0.place.offset ?? .max) < ($1.place.offset ?? .max)
    }
    return verification
  }
  private func sortingProblem(rowGroup: Int) -> ParquetError? {
    do throws(ParquetError) {
      return try SortingVerification(self, rowGroup: rowGroup).problem()
    } catch {
      // Rows that cannot be read were found already, column by column.
      return error.message.hasPrefix("sorted by column") ? error : nil
    }
  }
}
