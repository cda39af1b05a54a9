import AWS
import Testing

@Suite struct XMLTests {
  private func parse(_ text: String) throws -> XMLElement {
    try XMLElement(parsing: Array(text.utf8))
  }

  @Test func readsWhatServicesAnswer() throws {
    let root = try parse(
      """
       \n<?xml version="1.0" encoding="UTF-8"?><!-- a comment -->
      <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/" xmlns:xsi='x'>
        <Name>lake</Name><Empty/><Contents><Key>a&amp;b &lt;&gt;&quot;&apos;&#34;&#xE9;&#128512;</Key></Contents>
        <Contents><Key><![CDATA[<c> & d]]></Key></Contents><s3:Prefixed>x</s3:Prefixed >
      </ListBucketResult>

      """)
    #expect(root.name == "ListBucketResult")
    #expect(root.text(of: "Name") == "lake")
    #expect(root.text(of: "Empty") == "")
    #expect(root.all("Contents").map { $0.text(of: "Key") } == ["a&b <>\"'\"é😀", "<c> & d"])
    #expect(root.text(of: "Prefixed") == "x")
    #expect(root["Missing"] == nil)
  }

  @Test(arguments: [
    "", " ", "text", "<", "<a", "<a>", "<a></b>", "<a></a", "<a></a>b", "<a></a><b/>", "<a b></a>",
    "<a b=c></a>", "<a b='<'/>", "<a b='x></a>", "<a>&b;</a>", "<a>&#0;</a>", "<a>&#xD800;</a>",
    "<a>&#99999999999;</a>", "<a>&amp</a>", "<!DOCTYPE a><a/>",
    "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>",
    "<a><!ENTITY b \"c\"></a>", "<a><![CDATA[x</a>", "<a><!-- x</a>", "<?xml", "<a>\u{0}</b>",
    "</a>", "<a/", "< a/>",
  ])
  func refusesWhatIsNone(_ text: String) {
    #expect(throws: XMLSyntaxError.self) { try parse(text) }
  }

  @Test func refusesWhatIsNoText() {
    #expect(throws: XMLSyntaxError.self) { try XMLElement(parsing: [0x3C, 0x61, 0x3E, 0xFF]) }
    #expect(throws: XMLSyntaxError.self) {
      try XMLElement(parsing: Array("<a>".utf8) + [0xC3, 0x28] + Array("</a>".utf8))
    }
  }

  @Test func boundsDepth() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "<a>", count: depth) + String(repeating: "</a>", count: depth)
    }
    _ = try parse(nested(32))
    #expect(throws: XMLSyntaxError.self) { try parse(nested(33)) }
    #expect(throws: XMLSyntaxError.self) { try parse(nested(100_000)) }
  }

  @Test func boundsElements() throws {
    func many(_ count: Int) -> String { "<a>\(String(repeating: "<b/>", count: count))</a>" }
    #expect(try parse(many(99_999)).children.count == 99_999)
    #expect(throws: XMLSyntaxError.self) { try parse(many(100_000)) }
  }

  /// Whatever is cut off or changed, it is an error or a document, never a trap.
  @Test func survivesDamage() {
    let whole = Array(
      "<?xml version='1.0'?><a b='c'><d>&amp;&#65;</d><![CDATA[e]]><!--f--><g/></a>".utf8)
    for length in 0..<whole.count { _ = try? XMLElement(parsing: Array(whole[..<length])) }
    for index in whole.indices {
      for byte in [0, 0x26, 0x3C, 0x3E, 0x2F, 0xFF] as [UInt8] {
        var damaged = whole
        damaged[index] = byte
        _ = try? XMLElement(parsing: damaged)
      }
    }
  }
}
