/// Runs every example on files in the folder that is named.
@main struct Main {
  static func main() throws {
    guard let folder = CommandLine.arguments.dropFirst().first else {
      print("usage: Examples FOLDER")
      return
    }
    let orders = folder + "/orders.parquet"
    try writeOrders(to: orders)
    try describe(orders)
    print(try total(orders))
    print(try expensive(orders))
    print(try readWithLittle(orders))
    try writeBaskets(to: folder + "/baskets.parquet")
    print(try articles(folder + "/baskets.parquet"))
    try rewrite(orders, to: folder + "/smaller.parquet")
    tryToRead(orders)
  }
}
