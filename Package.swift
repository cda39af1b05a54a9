// swift-tools-version:6.2
import PackageDescription

/// Rules every Swift target is built under.
let common: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// Targets that need no unsafe code, and where the compiler holds us to it.
let strict = common + [.strictMemorySafety()]

/// The tests of a module, in Tests/<Module>Tests.
func tests(of module: String, with others: [Target.Dependency] = [], exclude: [String] = [])
  -> Target
{
  .testTarget(
    name: "\(module)Tests", dependencies: ["Base", .init(stringLiteral: module)] + others,
    exclude: exclude, swiftSettings: common)
}

let package = Package(
  name: "tidemark",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "tidemark", targets: ["tidemark"]),
    .executable(name: "kernel-bench", targets: ["KernelBench"]),
    .executable(name: "upload-bench", targets: ["UploadBench"]),
    // With the modules that its interface speaks of: columns, and codecs.
    .library(name: "Parquet", targets: ["Parquet", "Records", "Compression"]),
    .library(name: "Ingest", targets: ["Ingest"]),
  ],
  dependencies: [
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
  ],
  targets: [
    // Layer 0: C libraries, and the only Swift with unsafe code.
    .systemLibrary(name: "CZstd"),
    .systemLibrary(name: "CSnappy"),
    .systemLibrary(name: "CZlib"),
    .systemLibrary(name: "CIsal"),
    .systemLibrary(name: "CBrotli"),
    .systemLibrary(name: "CLz4"),
    .systemLibrary(name: "CBzip2"),
    .systemLibrary(name: "CLzma"),
    .systemLibrary(name: "CCurl"),
    .systemLibrary(name: "CMariaDB"),
    .systemLibrary(name: "CPCRE2"),
    .systemLibrary(name: "CLibXML2", pkgConfig: "libxml-2.0"),
    .target(name: "CSimdJSON", linkerSettings: [.linkedLibrary("simdjson")]),
    .target(name: "CXML2", dependencies: ["CLibXML2"]),
    .target(name: "CKernels"),
    .target(name: "Base", swiftSettings: strict),
    .target(name: "Kernels", dependencies: ["CKernels"], swiftSettings: common),

    // Layer 1
    .target(name: "Records", dependencies: ["Base", "Kernels"], swiftSettings: common),
    .target(
      name: "Compression",
      dependencies: [
        "Base", "Kernels", "CZstd", "CSnappy", "CZlib", "CIsal", "CBrotli", "CLz4", "CBzip2",
        "CLzma",
      ],
      swiftSettings: common),
    .target(
      name: "Storage", dependencies: ["Base", "Kernels"], exclude: ["DESIGN.md"],
      swiftSettings: common),
    .target(name: "HTTPClient", dependencies: ["Base", "CCurl"], swiftSettings: common),

    // Layer 2
    .target(
      name: "Parquet",
      dependencies: [
        "Base", "Records", "Compression", "Kernels",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "CryptoExtras", package: "swift-crypto"),
      ],
      exclude: ["DESIGN.md"],
      swiftSettings: common),
    .target(
      name: "Formats",
      dependencies: [
        "Base", "Records", "Compression", "Kernels", "CSimdJSON", "CPCRE2", "CXML2",
      ],
      swiftSettings: common),
    .target(
      name: "AWS",
      dependencies: [
        "Base", "Kernels", "Storage", "HTTPClient",
        .product(name: "Crypto", package: "swift-crypto"),
      ], exclude: ["DESIGN.md"], swiftSettings: strict),
    .target(name: "Connector", dependencies: ["Base", "Records"], swiftSettings: strict),

    // Layer 3
    .target(
      name: "Catalog",
      dependencies: ["Base", "Records", .product(name: "GRDB", package: "GRDB.swift")],
      exclude: ["DESIGN.md"],
      swiftSettings: strict),
    .target(
      name: "Bookmarks",
      dependencies: [
        "Base", "Kernels", "Records", "Compression", "Connector", "Storage",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: strict),
    .target(
      name: "MySQLSource", dependencies: ["Base", "Connector", "Records", "Kernels", "CMariaDB"],
      exclude: ["DESIGN.md"],
      swiftSettings: common),
    .target(
      name: "LogSource",
      dependencies: [
        "Base", "Kernels", "Connector", "Records", "Formats", "Compression", "Storage", "AWS",
        "Parquet",
      ],
      exclude: ["DESIGN.md"], swiftSettings: strict),
    .target(
      name: "APISource",
      dependencies: [
        "Base", "Connector", "Records", "Formats", "HTTPClient", "AWS",
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      exclude: ["DESIGN.md"], swiftSettings: strict),
    .target(
      name: "Lake", dependencies: ["Base", "Records", "Parquet", "Storage"], swiftSettings: strict),

    // Layer 4
    .target(
      name: "Query", dependencies: ["Base", "Records"],
      exclude: ["DESIGN.md"], swiftSettings: strict),

    // Layer 5
    .target(
      name: "Ingest",
      dependencies: [
        "Base", "Records", "Compression", "HTTPClient", "Parquet", "Storage", "AWS", "Connector",
        "Catalog", "Bookmarks", "Lake", "Query", "Yams",
        .product(name: "GRDB", package: "GRDB.swift"),
      ], swiftSettings: strict),

    // Layer 7
    .executableTarget(
      name: "tidemark",
      dependencies: [
        "Base", "Kernels", "Records", "Parquet", "Storage", "Connector", "Catalog", "Bookmarks",
        "Lake", "Query", "Ingest", "MySQLSource", "LogSource", "APISource",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: common),

    // Benchmarks, built by `make bench-parquet` alone
    .executableTarget(
      name: "KernelBench", dependencies: ["Kernels", "Records", "Parquet"],
      path: "Benchmarks/Kernels", swiftSettings: common),
    .executableTarget(
      name: "UploadBench", dependencies: ["AWS", "Storage"], path: "Benchmarks/Upload",
      swiftSettings: common),

    // Servers that tests start
    .target(
      name: "APIServer", dependencies: ["Base", "HTTPClient"], path: "Tests/APIServer",
      exclude: ["bodies.py", "server.py", "guarded.py", "trouble.py", "http2.py", "lifelike.py"],
      swiftSettings: common),
    .target(
      name: "MariaDBServer", dependencies: ["CMariaDB"], path: "Tests/MariaDBServer",
      swiftSettings: common),

    .target(
      name: "S3Server", path: "Tests/S3Server", exclude: ["proxy.py"], swiftSettings: common),

    // Tests, a folder a module
    .testTarget(name: "BaseTests", dependencies: ["Base"], swiftSettings: common),
    tests(of: "Kernels"),
    tests(of: "Records"),
    tests(of: "Compression", with: ["Kernels"]),
    tests(of: "Storage", with: ["AWS", "HTTPClient", "S3Server"]),
    tests(of: "AWS", with: ["Storage", "HTTPClient", "S3Server"]),
    tests(of: "HTTPClient", with: ["APIServer"]),
    tests(
      of: "Parquet", with: ["Records", "Compression", "Kernels"],
      exclude: ["readers.py", "Scripts"]),
    tests(of: "Formats", with: ["Records", "Compression"]),
    tests(of: "Connector"),
    tests(of: "Catalog", with: ["Records", .product(name: "GRDB", package: "GRDB.swift")]),
    tests(
      of: "Bookmarks",
      with: ["Records", "Connector", "Storage", .product(name: "GRDB", package: "GRDB.swift")]),
    tests(
      of: "MySQLSource",
      with: [
        "Records", "Connector", "Kernels", "MariaDBServer",
        .product(name: "Crypto", package: "swift-crypto"),
      ]),
    tests(
      of: "LogSource",
      with: [
        "Records", "Connector", "Formats", "Compression", "Parquet", "AWS", "Storage", "Kernels",
      ]),
    tests(of: "APISource", with: ["Records", "Connector", "HTTPClient", "APIServer"]),
    tests(of: "Lake", with: ["Records", "Storage", "Parquet"]),
    tests(of: "Query", with: ["Records"]),
    tests(
      of: "Ingest",
      with: ["Records", "Storage", "Bookmarks", "Catalog", "Connector", "Lake", "Parquet"]),
  ],
  cxxLanguageStandard: .cxx17
)
