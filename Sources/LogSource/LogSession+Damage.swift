internal import Base
internal import Connector
internal import Kernels

/// What a file that turns out to be damaged makes of a run. Nothing of it is loaded in either case,
/// everything else is, and it is read again when it changes.
enum DamagePolicy: String, Sendable, CaseIterable {
  /// The run fails at its end.
  case fail
  /// The run warns.
  case skip
}

extension LogSession {
  /// Takes the new content of overwritten files out of the plan where it is damaged: the earlier
  /// rows must not go for it.
  func keepRowsOfDamaged(_ planned: inout FileTasks) throws(ConnectorError) {
    for index in planned.tasks.indices.reversed() where planned.tasks[index].replaced != nil {
      let file = planned.tasks[index].file
      do throws(ConnectorError) {
        guard let opened = try place.open(file, for: .reading(from: 0)) else { continue }
        if settings.readsParquet {
          try ParquetFilesReader.verify(opened, byteCount: file.status.size)
        } else {
          let content = try FileContent(
            opened, ceiling: file.status.size, limits: decoderLimits)
          if content.isCompressed { try content.readThrough() }
        }
      } catch {
        guard error.kind == .malformed else { throw error }
        var problem = error
        problem.message += "; its earlier rows stay"
        planned.tasks.remove(at: index)
        switch settings.onDamaged {
        case .fail: planned.unreadable.append(problem)
        case .skip: planned.warnings.append("\(problem)")
        }
      }
    }
  }
}
