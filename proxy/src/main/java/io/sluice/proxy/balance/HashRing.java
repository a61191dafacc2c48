package io.sluice.proxy.balance;

import io.sluice.proxy.pool.Backend;
import java.util.Arrays;
import java.util.List;

/**
 * Points on a circle, each owned by a backend; a key belongs to the owner of the first point after it. A backend's points follow from its
 * id alone, more of them for a greater weight, so that they stay where they are whoever joins or leaves. Karger et al., "Consistent hashing and
 * random trees", 1997.
 *
 * <p>Large pools have fewer points per weight, to bound the ring; where the sum of the weights crosses a power of two from 1,024 on, half of the points go or come, and
 * more keys move than have to.
 */
final class HashRing {
    /** With so many points for each, shares differ by about 6 % (one over the root). */
    private static final int POINTS_PER_WEIGHT = 256;

    private static final int MOST_POINTS = 1 << 18;
    /** The low bits of a point say who owns it. */
    private static final int OWNER_BITS = 20;

    private static final long OWNER = (1L << OWNER_BITS) - 1;

    private final Backend[] backends;
    private final long[] points;

    private HashRing(Backend[] backends, long[] points) {
        this.backends = backends;
        this.points = points;
    }

    static HashRing of(List<Backend> members) {
        Backend[] backends = members.toArray(Backend[]::new);
        long weights = members.stream().mapToLong(Backend::weight).sum();
        int perWeight = POINTS_PER_WEIGHT;
        while (perWeight > 1 && perWeight * weights > MOST_POINTS) {
            perWeight /= 2;
        }
        int[] counts = new int[backends.length];
        for (int i = 0; i < backends.length; i++) {
            long count = Math.min(
                    (long) backends[i].weight() * perWeight, MOST_POINTS * (long) backends[i].weight() / weights);
            counts[i] = (int) Math.max(1, count);
        }
        return new HashRing(backends, points(backends, counts));
    }

    private static long[] points(Backend[] backends, int[] counts) {
        long[] points = new long[Arrays.stream(counts).sum()];
        int filled = 0;
        for (int i = 0; i < backends.length; i++) {
            long id = HashKey.of(backends[i].id());
            for (int n = 0; n < counts[i]; n++) {
                points[filled++] = (HashKey.mix(id + n * 0x9e3779b97f4a7c15L) & ~OWNER) | i;
            }
        }
        Arrays.sort(points);
        return points;
    }

    int size() {
        return points.length;
    }

    /** The first point at or after that place. */
    int position(long place) {
        int found = Arrays.binarySearch(points, place & ~OWNER);
        int position = found < 0 ? -found - 1 : found;
        return position == points.length ? 0 : position;
    }

    /** Who owns the point so many steps after that one. */
    Backend owner(int position, int steps) {
        int at = position + steps;
        return backends[(int) (points[at < points.length ? at : at - points.length] & OWNER)];
    }

    /** Whether anybody could be chosen; looks at all. */
    boolean hasAny(Tier tier, Tried tried) {
        for (Backend backend : backends) {
            if (tier.load(backend, tried) >= 0) {
                return true;
            }
        }
        return false;
    }
}
