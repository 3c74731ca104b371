import HTTPTypes
import Hummingbird

extension HTTPField.Name {
    static let requestID = Self("X-Request-Id")!
}

/// The edge of every route: a request id on each reply, errors as problems, counts and times.
struct EdgeMiddleware<Context: RequestContext>: RouterMiddleware {
    let counts: RequestCounts

    func handle(_ request: Request, context: Context, next: (Request, Context) async throws -> Response) async -> Response {
        let start = ContinuousClock.now
        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            let problem = Problem(error)
            if problem.status.code >= 500 { context.logger.error("\(problem.detail)") }
            response = problem.response
        }
        response.headers[.requestID] = Self.requestID(request.headers[.requestID]) ?? "\(context.id)"
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        counts.record(route: context.endpointPath ?? "NotFound", status: response.status.code, seconds: seconds)
        return response
    }

    /// The caller's own id where it is short and plain, so that it can be echoed and logged.
    private static func requestID(_ id: String?) -> String? {
        guard let id, (1...64).contains(id.utf8.count), id.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else { return nil }
        return id
    }
}
