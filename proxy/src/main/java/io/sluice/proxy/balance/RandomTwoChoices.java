package io.sluice.proxy.balance;

import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.Lease;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Two eligible backends drawn by weight, and of these the one with fewer requests in flight per weight: nearly as even as least connections,
 * without anything that event loops share. Mitzenmacher, "The power of two choices in randomized load balancing", 2001.
 */
public final class RandomTwoChoices extends TieredBalancer<RandomTwoChoices.Lots> {
    /** Draws that may meet somebody who is not eligible before all are looked at. */
    private static final int DRAWS = 8;

    /** A group to draw from. */
    static final class Lots {
        private final Backend[] backends;
        /** The sum of the weights up to and with that of each. */
        private final long[] upTo;

        Lots(List<Backend> members) {
            backends = members.toArray(Backend[]::new);
            upTo = new long[backends.length];
            long sum = 0;
            for (int i = 0; i < backends.length; i++) {
                sum += backends[i].weight();
                upTo[i] = sum;
            }
        }

        Backend draw(ThreadLocalRandom random) {
            long lot = 1 + random.nextLong(upTo[upTo.length - 1]);
            int found = Arrays.binarySearch(upTo, lot);
            return backends[found < 0 ? -found - 1 : found];
        }
    }

    @Override
    public String name() {
        return "random-two-choices";
    }

    @Override
    Lots prepare(List<Backend> group, @Nullable Lots before) {
        return new Lots(group);
    }

    @Override
    @Nullable
    Backend choose(Lots lots, Tier tier, Tried tried, long key, @Nullable Lease into) {
        if (into == null || lots.backends.length == 0) {
            return null;
        }
        while (true) {
            Backend one = draw(lots, tier, tried, null);
            if (one == null) {
                return null;
            }
            Backend other = draw(lots, tier, tried, one);
            Backend chosen = other == null || isLessLoaded(one, other) ? one : other;
            if (chosen.tryAcquire(tier.ignoresHealth(), into)) {
                return chosen;
            }
        }
    }

    private static boolean isLessLoaded(Backend one, Backend other) {
        return one.inFlight() * other.share() <= other.inFlight() * one.share();
    }

    /** An eligible one by weight, other than {@code but}; null when there is none. */
    private static @Nullable Backend draw(Lots lots, Tier tier, Tried tried, @Nullable Backend but) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        for (int i = 0; i < DRAWS; i++) {
            Backend drawn = lots.draw(random);
            if (drawn != but && tier.load(drawn, tried) >= 0 && countsFully(drawn, random)) {
                return drawn;
            }
        }
        Backend drawn = null;
        long shares = 0;
        for (Backend backend : lots.backends) {
            if (backend != but && tier.load(backend, tried) >= 0) {
                shares += backend.share();
                drawn = random.nextLong(shares) < backend.share() ? backend : drawn;
            }
        }
        return drawn;
    }

    /** Draws go by the whole weight; in a slow start only a part of them counts. */
    private static boolean countsFully(Backend drawn, ThreadLocalRandom random) {
        int percent = drawn.slowStartPercent();
        return percent == 100 || random.nextInt(100) < percent;
    }
}
