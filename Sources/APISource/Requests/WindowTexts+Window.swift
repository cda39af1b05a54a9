internal import Base

extension WindowTexts {
  /// The window as requests write it: a little more than it is, so that nothing at its edges is
  /// missed by a server that takes `since` or `until` the other way.
  init(_ window: ReadWindow, _ progress: Progress) {
    switch (window, progress) {
    case (.time(let span), .time(let time)):
      let from = span.lateFrom ?? span.from
      self.init(
        from: from.map { time.format.text($0.advanced(seconds: -time.overlapSeconds)) },
        to: time.format.text(span.to.advanced(seconds: time.overlapSeconds)),
        areNumbers: time.format.isNumber)
    case (.id(let id), _): self.init(from: id?.text, areNumbers: id?.isNumber ?? false)
    case (.token(let token), _): self.init(from: token)
    default: self.init()
    }
  }
}
