import Testing

@testable import Query

@Suite struct JSONRepairTests {
  private let text =
    #"[{"a":NaN,"NaN":-Infinity,"s":"x\"NaN, Infinity\\","n":-1.5e+10,"t":true},{"i":Infinity}] "#
  private let expected =
    #"[{"a":"NaN","NaN":"-Infinity","s":"x\"NaN, Infinity\\","n":-1.5e+10,"t":true},{"i":"Infinity"}] "#

  @Test(arguments: [1, 2, 3, 7, 1000]) func quotesWhatIsNoNumber(_ size: Int) {
    var repair = JSONRepair()
    var output: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      output += repair.next(Array(rest.prefix(size)))
      rest = rest.dropFirst(size)
    }
    output += repair.finish()
    #expect(String(decoding: output, as: UTF8.self) == expected)
  }

  @Test func keepsAWordAtTheEnd() {
    var repair = JSONRepair()
    #expect(repair.next(Array("12".utf8)) == [])
    #expect(repair.finish() == Array("12".utf8))
  }
}
