internal import Base
internal import Connector

/// The listing of a place that takes its time to answer, on its way while something else is done.
final class EarlyListing: Sendable {
  private let place: String
  private let channel = BoundedChannel<Result<FileListing, ConnectorError>>(bytesMax: 1)

  init(_ place: any FilePlace) {
    self.place = place.root
    WorkerThread("listing") { [channel] in
      let result: Result<FileListing, ConnectorError>
      do throws(ConnectorError) {
        // An object has one name.
        result = .success(try place.list { _ in false })
      } catch {
        result = .failure(error)
      }
      _ = channel.send(result, bytes: 1)
      channel.finish()
    }
  }

  /// Waits for it; once.
  func result() throws(ConnectorError) -> FileListing {
    // No listing must never look like an empty one: files would be taken for gone.
    guard let result = channel.receive() else {
      throw ConnectorError(
        .interrupted, "the listing did not come", remedy: "Run again.", place: place)
    }
    return try result.get()
  }
}
