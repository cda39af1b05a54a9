public import Bookmarks

/// Something that happened in a run, for whoever shows it.
public enum RunEvent: Sendable {
  case started(stream: String)
  /// Rows and bytes read since the stream's run began, and rows expected where that is known.
  case progress(stream: String, rows: Int, bytes: Int, expectedRows: Int?)
  case committed(stream: String, version: Int, rows: Int, bytes: Int)
  case retrying(stream: String, attempt: Int, seconds: Double, because: String)
  /// Something that a person should know.
  case notice(stream: String?, text: String)
  case finished(StreamOutcome)
}

/// Called from several threads.
public typealias RunObserver = @Sendable (RunEvent) -> Void
