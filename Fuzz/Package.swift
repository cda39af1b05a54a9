// swift-tools-version:6.2
import PackageDescription

// The Parquet module under libFuzzer and AddressSanitizer: `make fuzz` builds and runs it. A package
// of its own because every executable of it is linked with a main of libFuzzer's.

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
  name: "fuzz",
  dependencies: [.package(url: "https://github.com/apple/swift-crypto", from: "4.5.2")],
  targets: [
    // The modules under test: ../Sources by a link, because a target may not lie outside.
    .systemLibrary(name: "CZstd"), .systemLibrary(name: "CSnappy"),
    .systemLibrary(name: "CZlib"), .systemLibrary(name: "CIsal"),
    .systemLibrary(name: "CBrotli"), .systemLibrary(name: "CLz4"),
    .systemLibrary(name: "CBzip2"), .systemLibrary(name: "CLzma"),
    .target(name: "CKernels"),
    .target(name: "Base", swiftSettings: settings),
    .target(name: "Kernels", dependencies: ["CKernels"], swiftSettings: settings),
    .target(name: "Records", dependencies: ["Base", "Kernels"], swiftSettings: settings),
    .target(
      name: "Compression",
      dependencies: [
        "Base", "Kernels", "CZstd", "CSnappy", "CZlib", "CIsal", "CBrotli", "CLz4", "CBzip2",
        "CLzma",
      ],
      swiftSettings: settings),
    .target(
      name: "Parquet",
      dependencies: [
        "Base", "Records", "Compression", "Kernels",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "CryptoExtras", package: "swift-crypto"),
      ],
      exclude: ["DESIGN.md"], swiftSettings: settings),

    .target(
      name: "FuzzTargets",
      dependencies: ["Base", "Records", "Compression", "Kernels", "Parquet"], path: "Targets",
      swiftSettings: settings),
    .executableTarget(
      name: "parquet-fuzz", dependencies: ["FuzzTargets"], path: "Main",
      swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])]),
  ]
)
