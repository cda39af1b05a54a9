/// The form of data pages. Version 2 keeps levels outside of the compressed part and ends rows
/// with pages.
public enum PageVersion: String, Hashable, Sendable, CaseIterable {
  case v1, v2
}
