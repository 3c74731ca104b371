import HTTPTypes
import Hummingbird
import NIOCore
import StrictJSON

/// An error as RFC 9457 wants it: `application/problem+json`.
struct Problem: Error {
    var status: HTTPResponse.Status
    var detail: String
    /// Seconds, for 429 and 503.
    var retryAfter: Int?

    init(_ status: HTTPResponse.Status, _ detail: String, retryAfter: Int? = nil) {
        self.status = status
        self.detail = detail
        self.retryAfter = retryAfter
    }

    /// What the caller of the service did wrong, or what went wrong here, by the error that says so.
    init(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let error as JSONError: self.init(.badRequest, "malformed JSON: \(error)")
        case let error as WireError: self.init(.unprocessableContent, "\(error)")
        case let error as MarketSlotError: self.init(.conflict, "\(error)")
        case let error as AdviceError: self.init(.unprocessableContent, "\(error)")
        case let error as HTTPError: self.init(error.status, error.body ?? error.status.reasonPhrase)
        default: self.init(.internalServerError, "the request failed: \(error)")
        }
    }

    var response: Response {
        let body: JSONValue = [
            "type": "about:blank", "title": .string(status.reasonPhrase), "status": .number(Double(status.code)), "detail": .string(detail),
        ]
        var response = Response.json(body, status: status, type: "application/problem+json")
        if let retryAfter { response.headers[.retryAfter] = String(retryAfter) }
        return response
    }
}

extension Response {
    static func json(_ value: JSONValue, status: HTTPResponse.Status = .ok, type: String = "application/json") -> Response {
        text(value.text(), status: status, type: type)
    }

    static func text(_ text: String, status: HTTPResponse.Status = .ok, type: String) -> Response {
        Response(status: status, headers: [.contentType: type], body: .init(byteBuffer: ByteBuffer(string: text)))
    }
}
