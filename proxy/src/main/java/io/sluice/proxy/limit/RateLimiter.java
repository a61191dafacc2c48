package io.sluice.proxy.limit;

import io.sluice.proxy.route.RateLimitZone;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/**
 * The counts of one zone: for each key how many requests it is ahead of its rate, in thousandths of a request, and when that was reckoned. A
 * request adds 1000, a millisecond takes {@code rate / 1000} away; the first request of a key finds 0.
 *
 * <p>The idea: a table of fixed size in sets of {@value #WAYS}, where a key has one possible set. Count and time of a key share one word, so
 * that a request is one compare-and-set. A new key takes the place of the one in its set that has been silent longest. That and a
 * request of the old key can meet: then one request is counted for the wrong key. This is the only inexactness, and it takes a full set.
 */
public final class RateLimiter {
    static final int THOUSANDTHS = 1000;

    private static final int WAYS = 8;
    private static final int EXCESS_BITS = 27;
    private static final long EXCESS_MASK = (1L << EXCESS_BITS) - 1;
    /** Longer silence makes no difference, and a product with the rate could overflow. */
    private static final long LONGEST_SILENCE_MILLIS = 1_000_000_000;

    private final RateLimitZone zone;
    private final long rate;
    private final int sets;
    private final AtomicLongArray keys;
    /** 0 while no request was counted; else the millisecond (from 1) and below it the excess. */
    private final AtomicLongArray states;

    private final LongAdder refused = new LongAdder();
    private final LongAdder delayed = new LongAdder();
    private final LongAdder forgotten = new LongAdder();

    RateLimiter(RateLimitZone zone) {
        this.zone = zone;
        this.rate = zone.rate();
        this.sets = Integer.highestOneBit(Math.max(1, (zone.keys() + WAYS - 1) / WAYS) * 2 - 1);
        this.keys = new AtomicLongArray(sets * WAYS);
        this.states = new AtomicLongArray(sets * WAYS);
    }

    RateLimitZone zone() {
        return zone;
    }

    public String name() {
        return zone.name();
    }

    /** Requests refused so far. */
    public long refused() {
        return refused.sum();
    }

    /** Requests that had to wait so far. */
    public long delayed() {
        return delayed.sum();
    }

    /** Keys that made way for others so far. */
    public long forgotten() {
        return forgotten.sum();
    }

    void countRefused() {
        refused.increment();
    }

    void countDelayed() {
        delayed.increment();
    }

    /** What the excess of a key would be after one more request. */
    long excess(long key, long nowMillis) {
        int slot = find(key);
        return slot < 0 ? 0 : next(states.get(slot), nowMillis);
    }

    /** Counts a request, unless the excess would become larger than {@code most}; returns what it is or would have become. */
    long charge(long key, long nowMillis, long most) {
        while (true) {
            int slot = findOrTake(key);
            long state = states.get(slot);
            long excess = next(state, nowMillis);
            if (excess > most) {
                return excess;
            }
            // Event loops read the clock one after the other, but may get here in another order.
            long last = Math.max(nowMillis + 1, state >>> EXCESS_BITS);
            if (states.compareAndSet(slot, state, (last << EXCESS_BITS) | excess)) {
                return excess;
            }
        }
    }

    /** Takes back what was counted for a request that another limit refused. */
    void refund(long key) {
        int slot = find(key);
        if (slot >= 0) {
            states.updateAndGet(slot, state -> state - Math.min(THOUSANDTHS, state & EXCESS_MASK));
        }
    }

    /** How long it takes until so much excess is gone. */
    long millisFor(long excess) {
        return excess <= 0 ? 0 : (excess * THOUSANDTHS + rate - 1) / rate;
    }

    private long next(long state, long nowMillis) {
        if (state == 0) {
            return 0;
        }
        long silent = nowMillis + 1 - (state >>> EXCESS_BITS);
        long elapsed = Math.max(0, Math.min(silent, LONGEST_SILENCE_MILLIS));
        return Math.max(0, (state & EXCESS_MASK) - rate * elapsed / 1000 + THOUSANDTHS);
    }

    private int find(long key) {
        int first = first(key);
        for (int slot = first; slot < first + WAYS; slot++) {
            if (keys.get(slot) == key) {
                return slot;
            }
        }
        return -1;
    }

    private int findOrTake(long key) {
        while (true) {
            int found = find(key);
            if (found >= 0) {
                return found;
            }
            int slot = longestSilent(first(key));
            long before = keys.get(slot);
            if (keys.compareAndSet(slot, before, key)) {
                states.set(slot, 0);
                if (before != 0) {
                    forgotten.increment();
                }
                return slot;
            }
        }
    }

    private int longestSilent(int first) {
        int chosen = first;
        long earliest = Long.MAX_VALUE;
        for (int slot = first; slot < first + WAYS; slot++) {
            long last = keys.get(slot) == 0 ? -1 : states.get(slot) >>> EXCESS_BITS;
            if (last < earliest) {
                earliest = last;
                chosen = slot;
            }
        }
        return chosen;
    }

    private int first(long key) {
        return (int) ((key >>> 32) & (sets - 1)) * WAYS;
    }
}
