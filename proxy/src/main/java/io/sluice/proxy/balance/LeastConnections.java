package io.sluice.proxy.balance;

import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.Lease;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Fewest requests in flight per weight; ties go round by smooth weighted round robin (each tied backend gains its weight, the richest is
 * chosen and pays what all gained; the scheme nginx made known).
 *
 * <p>Up to {@value #EXACT_UP_TO} backends the choice is exact across event loops, without making one wait for the other. All counts are read
 * twice; the chosen one was least in both readings, and is taken in the same step that finds its count still what it was. So it was least at
 * the instant between the readings; if not, everything is read again, and each time that happens somebody else got on. Only whose turn it is
 * among equals is kept under a lock, and who does not get that at once draws lots by weight instead.
 *
 * <p>Above that, {@link LoadIndex} knows the least loaded without looking at all.
 */
public final class LeastConnections extends TieredBalancer<LeastConnections.Group> {
    static final int EXACT_UP_TO = 64;

    private volatile @Nullable BackendPool served;

    /** A group with whose turn it is in it. */
    static final class Group {
        private final Backend[] backends;
        private final ReentrantLock turn = new ReentrantLock();
        /** Smooth round robin's running credit, by position; guarded by {@code turn}. */
        private final long[] credits;

        private final @Nullable LoadIndex index;

        Group(List<Backend> members, @Nullable Group before, @Nullable LoadIndex index) {
            this.backends = members.toArray(Backend[]::new);
            this.credits = new long[backends.length];
            this.index = index;
            if (before != null && backends.length <= EXACT_UP_TO) {
                carryCredits(before);
            }
        }

        private void carryCredits(Group before) {
            for (int i = 0; i < backends.length; i++) {
                int position = List.of(before.backends).indexOf(backends[i]);
                credits[i] = position < 0 ? 0 : before.credits[position];
            }
        }
    }

    @Override
    public String name() {
        return "least-connections";
    }

    @Override
    public void serve(BackendPool pool) {
        served = pool;
        super.serve(pool);
    }

    @Override
    Group prepare(List<Backend> members, @Nullable Group before) {
        BackendPool pool = served;
        if (pool == null || members.size() <= EXACT_UP_TO) {
            return new Group(members, before, null);
        }
        pool.onMove(LoadIndex::moved);
        return new Group(members, before, new LoadIndex(members));
    }

    @Override
    @Nullable
    Backend choose(Group group, Tier tier, Tried tried, long key, @Nullable Lease into) {
        LoadIndex index = group.index;
        if (index != null && !tier.ignoresHealth()) {
            return index.acquire(tried, into);
        }
        return group.backends.length <= EXACT_UP_TO
                ? chooseExactly(group, tier, tried, into)
                : chooseRoughly(group.backends, tier, tried, into);
    }

    private static @Nullable Backend chooseExactly(Group group, Tier tier, Tried tried, @Nullable Lease into) {
        Backend[] all = group.backends;
        while (true) {
            int least = -1;
            long leastLoad = 0;
            long leastShare = 1;
            for (int i = 0; i < all.length; i++) {
                long load = tier.load(all[i], tried);
                if (load < 0) {
                    continue;
                }
                long share = all[i].share();
                if (least < 0 || load * leastShare < leastLoad * share) {
                    least = i;
                    leastLoad = load;
                    leastShare = share;
                }
            }
            if (least < 0) {
                return null;
            }
            int chosen = into == null || group.turn.tryLock()
                    ? takeTurn(group, tier, tried, leastLoad, leastShare, into)
                    : drawLots(all, tier, tried, leastLoad, leastShare, into);
            if (chosen >= 0) {
                return all[chosen];
            }
        }
    }

    /** The second reading, by whoever holds the turn's lock, which this gives back; -1 when the counts moved. */
    private static int takeTurn(
            Group group, Tier tier, Tried tried, long leastLoad, long leastShare, @Nullable Lease into) {
        try {
            return richest(group, tier, tried, leastLoad, leastShare, into);
        } finally {
            if (into != null) {
                group.turn.unlock();
            }
        }
    }

    private static int richest(
            Group group, Tier tier, Tried tried, long leastLoad, long leastShare, @Nullable Lease into) {
        Backend[] all = group.backends;
        long[] credits = group.credits;
        int richest = -1;
        long richestCredit = 0;
        long richestLoad = 0;
        long tied = 0;
        for (int i = 0; i < all.length; i++) {
            long load = tier.load(all[i], tried);
            if (load < 0) {
                continue;
            }
            long share = all[i].share();
            long difference = load * leastShare - leastLoad * share;
            if (difference < 0) {
                return -1;
            }
            if (difference == 0) {
                tied |= 1L << i;
                long credit = credits[i] + share;
                if (richest < 0 || credit > richestCredit) {
                    richest = i;
                    richestCredit = credit;
                    richestLoad = load;
                }
            }
        }
        if (richest < 0 || into == null) {
            return richest;
        }
        if (!all[richest].tryAcquireAt(richestLoad, tier.ignoresHealth(), into)) {
            return -1;
        }
        settle(all, credits, tied, richest);
        return richest;
    }

    private static void settle(Backend[] all, long[] credits, long tied, int richest) {
        long gained = 0;
        for (long rest = tied; rest != 0; rest &= rest - 1) {
            int i = Long.numberOfTrailingZeros(rest);
            long share = all[i].share();
            credits[i] += share;
            gained += share;
        }
        credits[richest] -= gained;
    }

    /** The second reading without the turn: each of the tied wins as often as its weight says. -1 when the counts moved. */
    private static int drawLots(Backend[] all, Tier tier, Tried tried, long leastLoad, long leastShare, Lease into) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        int winner = -1;
        long winnersLoad = 0;
        long shares = 0;
        for (int i = 0; i < all.length; i++) {
            long load = tier.load(all[i], tried);
            if (load < 0) {
                continue;
            }
            long share = all[i].share();
            long difference = load * leastShare - leastLoad * share;
            if (difference < 0) {
                return -1;
            }
            if (difference == 0) {
                shares += share;
                if (winner < 0 || random.nextLong(shares) < share) {
                    winner = i;
                    winnersLoad = load;
                }
            }
        }
        return winner >= 0 && all[winner].tryAcquireAt(winnersLoad, tier.ignoresHealth(), into) ? winner : -1;
    }

    /** One reading from a random place on: for many backends of which health is overlooked, or that are not watched. */
    private static @Nullable Backend chooseRoughly(Backend[] all, Tier tier, Tried tried, @Nullable Lease into) {
        while (true) {
            Backend least = null;
            long leastLoad = 0;
            int start = into == null ? 0 : ThreadLocalRandom.current().nextInt(all.length);
            for (int i = 0; i < all.length; i++) {
                Backend backend = all[start + i < all.length ? start + i : start + i - all.length];
                long load = tier.load(backend, tried);
                if (load >= 0 && (least == null || load * least.share() < leastLoad * backend.share())) {
                    least = backend;
                    leastLoad = load;
                }
            }
            if (least == null || into == null || least.tryAcquire(tier.ignoresHealth(), into)) {
                return least;
            }
        }
    }
}
