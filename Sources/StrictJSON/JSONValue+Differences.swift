extension JSONValue {
    /// A place where two documents differ: its dotted path, and what either holds there; nil where it holds nothing.
    public struct Difference: Sendable, Equatable {
        public var path: String
        public var before: JSONValue?
        public var after: JSONValue?

        public init(path: String, before: JSONValue?, after: JSONValue?) {
            self.path = path
            self.before = before
            self.after = after
        }
    }

    /// Where `later` differs from this document: members in this one's order, then those only `later` has. Arrays are compared whole.
    public func differences(to later: JSONValue) -> [Difference] { Self.differences(self, later, path: "") }

    private static func differences(_ before: JSONValue?, _ after: JSONValue?, path: String) -> [Difference] {
        guard before != after else { return [] }
        guard case .object(let members)? = before, case .object(let others)? = after else {
            return [Difference(path: path, before: before, after: after)]
        }
        let added = others.filter { other in !members.contains { $0.name == other.name } }
        return (members + added).flatMap { member in
            differences(before?[member.name], after?[member.name], path: path.isEmpty ? member.name : "\(path).\(member.name)")
        }
    }
}
