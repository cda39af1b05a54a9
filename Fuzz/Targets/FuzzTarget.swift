/// A part of the reader that the fuzzer makes up bytes for.
///
/// | target | input |
/// |---|---|
/// | `metadata` | a byte that chooses the structure, then the structure |
/// | `page` | bytes that choose type, encoding, codec and levels, then pages |
/// | `file` | a whole file |
/// | `kernels` | a byte that chooses the kernel, its parameters, then encoded bytes |
/// | `predicates` | a condition, then statistics, indexes and a bloom filter |
/// | `variant` | bytes that choose the form, then metadata and value |
///
/// A run finds a fault when it traps, hangs, or takes more memory than it should; a check of what
/// must hold (`require`) traps as well.
public enum FuzzTarget: String, CaseIterable, Sendable {
  case metadata, page, file, kernels, predicates, variant

  public func run(_ bytes: [UInt8]) {
    var input = FuzzInput(bytes)
    switch self {
    case .metadata: MetadataFuzz.run(&input)
    case .page: PageFuzz.run(&input)
    case .file: FileFuzz.run(bytes)
    case .kernels: KernelFuzz.run(&input)
    case .predicates: PredicateFuzz.run(&input)
    case .variant: VariantFuzz.run(&input)
    }
  }

  /// Inputs to begin with.
  public var seeds: [[UInt8]] {
    switch self {
    case .file: FileFuzz.seeds
    case .page: PageFuzz.seeds
    case .kernels: KernelFuzz.seeds
    case .predicates: PredicateFuzz.seeds
    case .variant: VariantFuzz.seeds
    case .metadata: []
    }
  }

  /// Inputs to begin with that are made of a file.
  public func seeds(ofFile bytes: [UInt8]) -> [[UInt8]] {
    switch self {
    case .file: [bytes]
    case .metadata: MetadataFuzz.seeds(ofFile: bytes)
    case .predicates: PredicateFuzz.seeds(ofFile: bytes)
    case .page: PageFuzz.seeds(ofFile: bytes)
    case .kernels, .variant: []
    }
  }

  /// What reading may hold at a time. The fuzzer's own limits lie above it.
  static let memoryByteCountMax = 8 << 20
}

/// Stops the run: something that must hold does not.
func require(_ condition: Bool, _ message: @autoclosure () -> String) {
  if !condition { fatalError(message()) }
}

/// Made-up bytes, from the front: choices first, then what is to be decoded.
struct FuzzInput {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { position == bytes.count }

  /// 0 at the end.
  mutating func byte() -> UInt8 {
    guard position < bytes.count else { return 0 }
    defer { position += 1 }
    return bytes[position]
  }

  mutating func number(below limit: Int) -> Int { Int(byte()) % limit }

  mutating func wide() -> Int { Int(byte()) | Int(byte()) << 8 }

  mutating func bool() -> Bool { byte() & 1 != 0 }

  mutating func element<T>(_ all: [T]) -> T { all[number(below: all.count)] }

  mutating func take(_ count: Int) -> [UInt8] {
    let end = min(bytes.count, position + count)
    defer { position = end }
    return Array(bytes[position..<end])
  }

  mutating func rest() -> [UInt8] { take(bytes.count) }
}
