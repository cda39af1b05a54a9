// swift-tools-version:6.2
import PackageDescription

// The examples of docs/parquet-library.md, as a package of their own: what a user of the library has.
let package = Package(
  name: "examples",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "tidemark", path: "../..")],
  targets: [
    .executableTarget(
      name: "Examples", dependencies: [.product(name: "Parquet", package: "tidemark")],
      swiftSettings: [
        .swiftLanguageMode(.v6), .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("ExistentialAny"),
      ])
  ]
)
