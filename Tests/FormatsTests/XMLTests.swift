@testable import Formats
import Testing

@Suite struct XMLTests {
  private func json(_ text: String) throws -> String {
    let document = try XMLDocument(parsing: Array(text.utf8))
    return String(decoding: document.json(), as: UTF8.self)
  }

  @Test(arguments: [
    ("<a/>", #"{"a":null}"#), ("<a> x </a>", #"{"a":"x"}"#), ("<a>  </a>", #"{"a":null}"#),
    (#"<a b="1" c='"'><d>2</d></a>"#, #"{"a":{"b":"1","c":"\"","d":"2"}}"#),
    ("<a><b>1</b><c/><b><d>2</d></b></a>", #"{"a":{"b":["1",{"d":"2"}],"c":null}}"#),
    ("<a>x<b>1</b>y</a>", #"{"a":{"b":"1","_text":"xy"}}"#),
    (#"<a id="1"><id>2</id></a>"#, #"{"a":{"id":["1","2"]}}"#),
    ("<a><![CDATA[<b>&amp;]]></a>", #"{"a":"<b>&amp;"}"#),
    ("<a>&lt;&#65;&#x42;&amp;</a>", #"{"a":"<AB&"}"#),
    ("<!-- c --><?p x?><a><!-- <b/> --><?p?>1</a>", #"{"a":"1"}"#),
    (#"<n:a xmlns:n="u" n:b="1"><n:c>2</n:c></n:a>"#, #"{"a":{"b":"1","c":"2"}}"#),
    (#"<a xmlns="u"><b>1</b></a>"#, #"{"a":{"b":"1"}}"#),
    (
      #"<a xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><b xsi:nil="true"/></a>"#,
      #"{"a":{"b":null}}"#
    ),
    ("<!DOCTYPE a SYSTEM 'http://127.0.0.1:9/x.dtd'><a>1</a>", #"{"a":"1"}"#),
  ])
  func elementsBecomeValues(_ text: String, _ expected: String) throws {
    #expect(try json(text) == expected)
  }

  @Test func encodingsAreTheDocumentsOwn() throws {
    let text = Array(#"<?xml version="1.0" encoding="ISO-8859-1"?><a>"#.utf8) + [0xE9]
    let document = try XMLDocument(parsing: text + Array("</a>".utf8))
    #expect(String(decoding: document.json(), as: UTF8.self) == #"{"a":"é"}"#)
  }

  @Test(arguments: [
    ("", ""), ("x", ""), ("<a>", "line 1"), ("<a></b>", "line 1"), ("<a b=1/>", ""),
    ("<a>&nbsp;</a>", ""), ("<a/><b/>", ""), ("<a>\u{1}</a>", ""),
    ("<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>", "entities"),
    ("<!DOCTYPE a [<!ENTITY % e SYSTEM 'file:///etc/passwd'> %e;]><a/>", "entities"),
    ("<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><a>&e;</a>", "entities"),
    ("<!DOCTYPE a SYSTEM 'http://127.0.0.1:9/'><a>&e;</a>", "entities"),
    ("<!DOCTYPE a SYSTEM 'http://127.0.0.1:9/'><a b='&e;'/>", ""),
    ("<!DOCTYPE a [<!ATTLIST a b CDATA 'xxxxxxxxxx'>]><a/>", "entities"),
  ])
  func hostileDocumentsAreErrors(_ text: String, _ message: String) throws {
    let error = try #require(throws: FormatError.self) { try json(text) }
    #expect(error.kind == .malformed)
    #expect(error.description.contains(message), "\(error)")
  }

  /// Ten times ten times …: nothing of it is ever expanded.
  @Test func entityBombsAreErrors() throws {
    var text = "<!DOCTYPE a [<!ENTITY e0 \"lol\">"
    for level in 1...9 {
      let references = String(repeating: "&e\(level - 1);", count: 10)
      text += "<!ENTITY e\(level) \"\(references)\">"
    }
    let error = try #require(throws: FormatError.self) {
      try json(text + "]><a b='&e9;'>&e9;</a>")
    }
    #expect(error.message.contains("entities"))
  }

  @Test func sizeAndDepthAreBounded() throws {
    let deep = String(repeating: "<a>", count: 10_000) + String(repeating: "</a>", count: 10_000)
    #expect(throws: FormatError.self) { try json(deep) }
    let wide = "<r>" + String(repeating: "<a b=''/>", count: 1000) + "</r>"
    let error = try #require(throws: FormatError.self) {
      try XMLDocument(parsing: Array(wide.utf8), nodesMax: 1999)
    }
    #expect(error.message.contains("more than 1999 elements"))
    #expect(throws: Never.self) { try XMLDocument(parsing: Array(wide.utf8), nodesMax: 2001) }
  }

  @Test func pathsFindRecords() throws {
    let text = """
      <f:feed xmlns:f="u" region="eu"><f:group id="g1"><f:item><f:n>1</f:n></f:item><f:item>x</f:item>
      </f:group><f:group id="g2"><f:item k="post"/></f:group></f:feed>
      """
    let document = try XMLDocument(parsing: Array(text.utf8))
    func records(_ path: String, _ including: [(String, String)] = []) throws -> String {
      let extras = try including.map { ($0.0, try XMLPath(parsing: $0.1)) }
      return String(
        decoding: try document.json(try XMLPath(parsing: path), including: extras), as: UTF8.self)
    }
    #expect(try records("//item") == #"[{"n":"1"},{"_text":"x"},{"k":"post"}]"#)
    #expect(try records("/feed/group[@id='g2']/item") == #"[{"k":"post"}]"#)
    #expect(
      try records("//item", [("group", "../@id"), ("region", "/feed/@region"), ("none", "x/y")])
        == #"[{"n":"1","group":"g1","region":"eu","none":null},"#
        + #"{"_text":"x","group":"g1","region":"eu","none":null},"#
        + #"{"k":"post","group":"g2","region":"eu","none":null}]"#)
    #expect(try records("//item", [("count", "count(../item)")]).contains(#""count":"2""#))
    #expect(try records("//nothing") == "[]")
    for path in ["count(//item)", "//@id", "//text()", "//namespace::*"] {
      #expect(throws: FormatError.self) { try records(path) }
    }
    for path in ["//", "item[", ""] {
      let error = try #require(throws: FormatError.self) { try XMLPath(parsing: path) }
      #expect(error.kind == .invalidOption)
    }
  }

  @Test func pathsThatTakeTooLongAreGivenUp() throws {
    let text = "<r>" + String(repeating: "<a/>", count: 3000) + "</r>"
    let document = try XMLDocument(parsing: Array(text.utf8))
    let path = try XMLPath(parsing: "//a[count(//a[count(//a) > 1]) > 1]")
    let error = try #require(throws: FormatError.self) { try document.json(path) }
    #expect(error.kind == .malformed)
  }
}
