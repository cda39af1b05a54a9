internal import Connector

extension Database {
  func check() -> [Finding] {
    do throws(ConnectorError) {
      let connection = try Connection(endpoint)
      defer { connection.close() }
      do throws(ServerError) {
        return ServerCheck(facts: try ServerFacts(connection), database: endpoint.database).findings
      } catch {
        throw error.connectorError(place: endpoint.place)
      }
    } catch {
      return [
        Finding(
          .error, error.description, remedy: error.remedy,
          isUnreachable: error.kind == .unreachable || error.kind == .denied, code: "unreachable")
      ]
    }
  }
}
