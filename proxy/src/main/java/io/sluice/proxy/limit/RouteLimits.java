package io.sluice.proxy.limit;

import io.sluice.proxy.route.RateLimit;
import io.sluice.proxy.route.RateLimitZone;
import java.util.List;

/**
 * The limits of one route. A request passes when every zone lets it; it is counted in all of them or in none, and waits as long as the slowest
 * wants.
 */
public final class RouteLimits {
    private final RateLimit[] limits;
    private final RateLimiter[] limiters;

    RouteLimits(List<RateLimit> limits, List<RateLimiter> limiters) {
        this.limits = limits.toArray(RateLimit[]::new);
        this.limiters = limiters.toArray(RateLimiter[]::new);
    }

    public int count() {
        return limits.length;
    }

    public RateLimitZone zone(int i) {
        return limits[i].zone();
    }

    /**
     * Counts a request, if it may pass.
     *
     * @param keys one for each limit; 0 where that limit does not concern the request
     * @return how many milliseconds it has to wait; if it may not pass, less than 0: how many until it could
     */
    public long tryPass(long[] keys, long nowMillis) {
        for (int i = 0; i < limits.length; i++) {
            if (keys[i] != 0) {
                long excess = limiters[i].excess(keys[i], nowMillis);
                if (excess > most(i)) {
                    return refuse(i, excess);
                }
            }
        }
        long wait = 0;
        for (int i = 0; i < limits.length; i++) {
            if (keys[i] != 0) {
                long excess = limiters[i].charge(keys[i], nowMillis, most(i));
                if (excess > most(i)) {
                    refund(keys, i);
                    return refuse(i, excess);
                }
                wait = Math.max(wait, delay(i, excess));
            }
        }
        return wait;
    }

    private long most(int i) {
        return (long) limits[i].burst() * RateLimiter.THOUSANDTHS;
    }

    private long delay(int i, long excess) {
        long millis = limiters[i].millisFor(excess - (long) limits[i].delay() * RateLimiter.THOUSANDTHS);
        if (millis > 0) {
            limiters[i].countDelayed();
        }
        return millis;
    }

    private void refund(long[] keys, int before) {
        for (int i = 0; i < before; i++) {
            if (keys[i] != 0) {
                limiters[i].refund(keys[i]);
            }
        }
    }

    private long refuse(int i, long excess) {
        limiters[i].countRefused();
        return -Math.max(1, limiters[i].millisFor(excess - most(i)));
    }
}
