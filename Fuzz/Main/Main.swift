import FuzzTargets
import Glibc

/// What libFuzzer calls: once at the start, and then for every input.

nonisolated(unsafe) private var target = FuzzTarget.file

/// The target is named by FUZZ_TARGET. With FUZZ_SEEDS_FROM, the name of a folder of Parquet
/// files, seeds for the target are written to the folder FUZZ_SEEDS_TO instead, and the program ends.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(
  _ count: UnsafeMutablePointer<CInt>?,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>?
) -> CInt {
  let name = variable("FUZZ_TARGET") ?? FuzzTarget.file.rawValue
  guard let chosen = FuzzTarget(rawValue: name) else {
    print("FUZZ_TARGET: no '\(name)', expected one of \(FuzzTarget.allCases.map(\.rawValue))")
    exit(2)
  }
  target = chosen
  if let source = variable("FUZZ_SEEDS_FROM"), let output = variable("FUZZ_SEEDS_TO") {
    let count = writeSeeds(for: chosen, from: source, to: output)
    print("\(count) seeds for \(name)")
    exit(0)
  }
  return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  target.run(Array(UnsafeBufferPointer(start: bytes, count: bytes == nil ? 0 : count)))
  return 0
}

private func variable(_ name: String) -> String? {
  getenv(name).map { String(cString: $0) }
}

private func writeSeeds(for target: FuzzTarget, from source: String, to output: String) -> Int {
  var number = 0
  func write(_ seed: [UInt8]) {
    number += 1
    guard let file = fopen("\(output)/seed-\(number)", "wb") else { return }
    fwrite(seed, 1, seed.count, file)
    fclose(file)
  }
  for seed in target.seeds { write(seed) }
  for path in paths(in: source) {
    guard let bytes = contents(path) else { continue }
    for seed in target.seeds(ofFile: bytes) { write(seed) }
  }
  return number
}

private func paths(in folder: String) -> [String] {
  guard let directory = opendir(folder) else { return [] }
  defer { closedir(directory) }
  var paths: [String] = []
  while let entry = readdir(directory) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if !name.hasPrefix(".") { paths.append("\(folder)/\(name)") }
  }
  return paths.sorted()
}

private func contents(_ path: String) -> [UInt8]? {
  guard let file = fopen(path, "rb") else { return nil }
  defer { fclose(file) }
  fseek(file, 0, SEEK_END)
  let count = ftell(file)
  guard count > 0, count < 1 << 20 else { return nil }
  rewind(file)
  return [UInt8](unsafeUninitializedCapacity: count) { $1 = fread($0.baseAddress, 1, count, file) }
}
