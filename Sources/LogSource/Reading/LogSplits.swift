/// How files are put together to commits.
enum LogSplits {
  /// A commit takes files until it has so many bytes of text.
  static let bytesMax = 256 << 20
  static let filesMax = 10_000

  static func groups(_ tasks: [FileTask]) -> [[FileTask]] {
    var groups: [[FileTask]] = []
    var bytes = 0
    for task in tasks {
      let fits = groups.last.map { !$0.isEmpty && $0.count < filesMax } ?? false
      if fits && bytes + task.estimatedBytes <= bytesMax {
        groups[groups.count - 1].append(task)
        bytes += task.estimatedBytes
      } else {
        groups.append([task])
        bytes = task.estimatedBytes
      }
    }
    return groups
  }

  static func label(_ tasks: [FileTask]) -> String {
    guard let first = tasks.first else { return "what became of files" }
    return tasks.count == 1
      ? first.file.path : "\(first.file.path) and \(tasks.count - 1) more files"
  }

  static func predicate(_ tasks: [FileTask]) -> String {
    if tasks.isEmpty { return "no file has anything new" }
    let shown = tasks.prefix(5).map { task in
      "\(task.file.path) from byte \(task.offset) of its text"
    }
    return shown.joined(separator: "; ") + (tasks.count > 5 ? "; and \(tasks.count - 5) more" : "")
  }
}
