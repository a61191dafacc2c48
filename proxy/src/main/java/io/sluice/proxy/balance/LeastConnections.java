package io.sluice.proxy.balance;

import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.Lease;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Fewest requests in flight per weight; ties go round by smooth weighted round robin (each tied backend gains its weight, the richest is
 * chosen and pays what all gained; the scheme nginx made known).
 *
 * <p>Up to {@value #EXACT_UP_TO} backends the choice is exact across event loops, without making one wait for the other. All counts are read
 * twice; the chosen one was least in both readings, and is taken in the same step that finds its count still what it was. So it was least at
 * the instant between the readings; if not, everything is read again, and each time that happens somebody else got on. Whose turn it is among
 * equals is kept by one at a time; who finds another at it does not wait, but draws lots by weight.
 *
 * <p>Above that, {@link LoadIndex} knows the least loaded without looking at all.
 */
public final class LeastConnections extends TieredBalancer<LeastConnections.Group> {
    static final int EXACT_UP_TO = 64;

    private volatile @Nullable BackendPool served;

    /** A group, with whose turn it is in it. */
    static final class Group {
        private final Backend[] backends;
        private final Turns turns;
        private final @Nullable LoadIndex index;

        Group(List<Backend> members, @Nullable Group before, @Nullable LoadIndex index) {
            this.backends = members.toArray(Backend[]::new);
            this.index = index;
            this.turns = new Turns(backends.length <= EXACT_UP_TO ? backends.length : 0);
            if (before != null) {
                turns.carry(backends, before.backends, before.turns);
            }
        }
    }

    /** Smooth round robin's running credit, by position, and whether somebody is using it. */
    private static final class Turns {
        private final AtomicBoolean taken = new AtomicBoolean();
        private final long[] credits;

        Turns(int size) {
            credits = new long[size];
        }

        /** What is being settled meanwhile is lost; it is one turn. */
        void carry(Backend[] members, Backend[] membersBefore, Turns before) {
            List<Backend> known = List.of(membersBefore);
            for (int i = 0; before.credits.length > 0 && i < credits.length; i++) {
                int position = known.indexOf(members[i]);
                credits[i] = position < 0 ? 0 : before.credits[position];
            }
        }

        boolean tryTake() {
            return taken.compareAndSet(false, true);
        }

        void giveBack() {
            taken.setRelease(false);
        }

        /** Each of the tied gains, the one that was chosen pays. */
        void settle(Backend[] all, long tied, int chosen) {
            long gained = 0;
            for (long rest = tied; rest != 0; rest &= rest - 1) {
                int i = Long.numberOfTrailingZeros(rest);
                long share = all[i].share();
                credits[i] += share;
                gained += share;
            }
            credits[chosen] -= gained;
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
    public void leave(BackendPool pool) {
        super.leave(pool);
        pool.onMove(nothing -> {});
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
        Turns turns = group.turns;
        if (into == null) {
            return look(group, tier, tried, turns, null);
        }
        if (!turns.tryTake()) {
            return look(group, tier, tried, null, into);
        }
        try {
            return look(group, tier, tried, turns, into);
        } finally {
            turns.giveBack();
        }
    }

    /** Reads twice and takes; without {@code turns} lots decide between equals. */
    private static @Nullable Backend look(
            Group group, Tier tier, Tried tried, @Nullable Turns turns, @Nullable Lease into) {
        Backend[] all = group.backends;
        while (true) {
            int chosen = -1;
            long leastLoad = 0;
            long leastShare = 1;
            long load = 0;
            long tied = 0;
            long sharesOfTied = 0;
            long credit = 0;
            for (int i = 0; i < all.length; i++) {
                long its = tier.load(all[i], tried);
                if (its < 0) {
                    continue;
                }
                long share = all[i].share();
                long difference = chosen < 0 ? -1 : its * leastShare - leastLoad * share;
                if (difference > 0) {
                    continue;
                }
                if (difference < 0) {
                    leastLoad = its;
                    leastShare = share;
                    tied = 0;
                    sharesOfTied = 0;
                }
                tied |= 1L << i;
                sharesOfTied += share;
                long itsCredit = turns == null ? 0 : turns.credits[i] + share;
                boolean wins = turns == null ? drawsLot(share, sharesOfTied) : itsCredit > credit;
                if (difference < 0 || wins) {
                    chosen = i;
                    load = its;
                    credit = itsCredit;
                }
            }
            if (chosen < 0) {
                return null;
            }
            if (into == null) {
                return all[chosen];
            }
            if (isStillLeast(all, tier, tried, leastLoad, leastShare)
                    && all[chosen].tryAcquireAt(load, tier.ignoresHealth(), into)) {
                if (turns != null) {
                    turns.settle(all, tied, chosen);
                }
                return all[chosen];
            }
        }
    }

    private static boolean drawsLot(long share, long of) {
        return share == of || ThreadLocalRandom.current().nextLong(of) < share;
    }

    /** The second reading. Nothing is less than nothing. */
    private static boolean isStillLeast(Backend[] all, Tier tier, Tried tried, long leastLoad, long leastShare) {
        if (leastLoad == 0) {
            return true;
        }
        for (Backend backend : all) {
            long load = tier.load(backend, tried);
            if (load >= 0 && load * leastShare < leastLoad * backend.share()) {
                return false;
            }
        }
        return true;
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
