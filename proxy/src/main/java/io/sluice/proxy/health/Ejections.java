package io.sluice.proxy.health;

import io.sluice.proxy.api.BreakerState;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendPool;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Who may be ejected, and for how long. The times are those of Envoy's outlier detection: the n-th ejection in a row lasts n times as long as the
 * first, up to a limit, and each such time that a backend serves well takes one off. Its owner's lock guards it.
 */
final class Ejections {
    private static final class Past {
        private long inARow;
        private long servesSince;
    }

    private final BackendPool pool;
    private final EjectionSettings settings;
    private final Duration first;
    private final Map<Backend, Past> records = new HashMap<>();

    /** @param first how long the first of a backend lasts */
    Ejections(BackendPool pool, EjectionSettings settings, Duration first) {
        this.pool = pool;
        this.settings = settings;
        this.first = first;
    }

    /** Never the last one that serves: whatever it answers is better than nothing. Nor too large a part of the pool. */
    boolean mayEject(Backend backend) {
        List<Backend> all = pool.snapshot().backends();
        boolean isLast = all.stream().noneMatch(other -> other != backend && other.isEligible() && !other.isOnTrial());
        long others = all.stream()
                .filter(other -> other != backend && other.breaker() != BreakerState.CLOSED)
                .count();
        return !isLast && settings.admits(others, all.size());
    }

    /** One begins; returns how long it lasts. */
    Duration begin(Backend backend, long now) {
        records.keySet().removeIf(Backend::isRetired);
        Past past = records.computeIfAbsent(backend, never -> new Past());
        if (backend.breaker() == BreakerState.CLOSED && past.inARow > 0) {
            long wellFor = (now - past.servesSince) / Math.max(1, first.toNanos());
            past.inARow = Math.max(0, past.inARow - wellFor);
        }
        past.inARow++;
        Duration longest = settings.maxTime().compareTo(first) < 0 ? first : settings.maxTime();
        long times = Math.min(past.inARow, longest.dividedBy(first) + 1);
        Duration time = first.multipliedBy(times);
        return time.compareTo(longest) > 0 ? longest : time;
    }

    /** It serves again. */
    void ended(Backend backend, long now) {
        Past past = records.get(backend);
        if (past != null) {
            past.servesSince = now;
        }
    }
}
