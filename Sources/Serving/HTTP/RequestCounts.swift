import Synchronization

/// How many requests each route answered with each status, and how long they took, as Prometheus reads it.
final class RequestCounts: Sendable {
    /// Upper bounds of the latency histogram, seconds.
    static let bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1]

    private struct Key: Hashable, Comparable {
        var route: String
        var status: Int
        static func < (a: Key, b: Key) -> Bool { (a.route, a.status) < (b.route, b.status) }
    }

    private struct Latency {
        var buckets = Array(repeating: 0, count: bounds.count + 1)
        var sum = 0.0
    }

    private let counts = Mutex<[Key: Int]>([:])
    private let latencies = Mutex<[String: Latency]>([:])

    func record(route: String, status: Int, seconds: Double) {
        counts.withLock { $0[Key(route: route, status: status), default: 0] += 1 }
        let bucket = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
        latencies.withLock {
            $0[route, default: Latency()].buckets[bucket] += 1
            $0[route, default: Latency()].sum += seconds
        }
    }

    /// Prometheus text exposition, version 0.0.4.
    func exposition() -> String {
        var text = "# HELP hedge_http_requests_total Requests answered.\n# TYPE hedge_http_requests_total counter\n"
        for (key, count) in counts.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
            text += "hedge_http_requests_total{route=\"\(key.route)\",status=\"\(key.status)\"} \(count)\n"
        }
        text += "# HELP hedge_http_request_seconds Time to answer.\n# TYPE hedge_http_request_seconds histogram\n"
        for (route, latency) in latencies.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
            var cumulative = 0
            for (index, count) in latency.buckets.enumerated() {
                cumulative += count
                let bound = index < Self.bounds.count ? "\(Self.bounds[index])" : "+Inf"
                text += "hedge_http_request_seconds_bucket{route=\"\(route)\",le=\"\(bound)\"} \(cumulative)\n"
            }
            text += "hedge_http_request_seconds_sum{route=\"\(route)\"} \(latency.sum)\n"
            text += "hedge_http_request_seconds_count{route=\"\(route)\"} \(cumulative)\n"
        }
        return text
    }
}
