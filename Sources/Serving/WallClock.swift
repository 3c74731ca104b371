import Glibc
import Market

extension Timestamp {
    /// The time of day, for stamping; ages and durations are measured with `ContinuousClock`, which nobody can set.
    static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
