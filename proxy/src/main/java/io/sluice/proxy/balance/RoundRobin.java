package io.sluice.proxy.balance;

import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.Lease;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Each in turn, as often as its weight says, whatever it has in flight. Up to {@value #SMOOTH_UP_TO} backends the turns are smooth: each
 * eligible one gains its weight, the richest is chosen and pays what all gained. Above that, looking at all costs too much: the turn goes
 * on from the last one, and who has less than the greatest weight is passed over until it has gained as much.
 */
public final class RoundRobin extends TieredBalancer<RoundRobin.Rota> {
    static final int SMOOTH_UP_TO = 64;

    /** A group and whose turn it is; guarded by its lock. */
    static final class Rota {
        private final ReentrantLock lock = new ReentrantLock();
        private final Backend[] backends;
        private final long[] credits;
        private int next;
        /** The greatest share that took part lately. */
        private long greatest;

        Rota(List<Backend> members, @Nullable Rota before) {
            this.backends = members.toArray(Backend[]::new);
            this.credits = new long[backends.length];
            if (before != null && backends.length <= SMOOTH_UP_TO) {
                carryCredits(before);
            }
        }

        private void carryCredits(Rota before) {
            for (int i = 0; i < backends.length; i++) {
                int position = List.of(before.backends).indexOf(backends[i]);
                credits[i] = position < 0 ? 0 : before.credits[position];
            }
        }
    }

    @Override
    public String name() {
        return "round-robin";
    }

    @Override
    Rota prepare(List<Backend> group, @Nullable Rota before) {
        return new Rota(group, before);
    }

    @Override
    @Nullable
    Backend choose(Rota rota, Tier tier, Tried tried, long key, @Nullable Lease into) {
        rota.lock.lock();
        try {
            while (true) {
                int chosen = rota.backends.length <= SMOOTH_UP_TO
                        ? smooth(rota, tier, tried, into != null)
                        : inTurn(rota, tier, tried, into != null);
                if (chosen < 0) {
                    return null;
                }
                Backend backend = rota.backends[chosen];
                if (into == null || backend.tryAcquire(tier.ignoresHealth(), into)) {
                    return backend;
                }
            }
        } finally {
            rota.lock.unlock();
        }
    }

    private static int smooth(Rota rota, Tier tier, Tried tried, boolean settle) {
        int richest = -1;
        long richestCredit = 0;
        long gained = 0;
        for (int i = 0; i < rota.backends.length; i++) {
            Backend backend = rota.backends[i];
            if (tier.load(backend, tried) < 0) {
                continue;
            }
            long credit = rota.credits[i] + backend.share();
            gained += backend.share();
            if (settle) {
                rota.credits[i] = credit;
            }
            if (richest < 0 || credit > richestCredit) {
                richest = i;
                richestCredit = credit;
            }
        }
        if (settle && richest >= 0) {
            rota.credits[richest] -= gained;
        }
        return richest;
    }

    private static int inTurn(Rota rota, Tier tier, Tried tried, boolean settle) {
        int count = rota.backends.length;
        int at = rota.next;
        for (int visits = 0; ; visits++, at = at + 1 == count ? 0 : at + 1) {
            if (visits % (2 * count) == 2 * count - 1) {
                // Whoever has the greatest weight is not eligible: the others need not wait for their credit.
                rota.greatest = greatestShare(rota, tier, tried);
                if (rota.greatest == 0) {
                    return -1;
                }
            }
            Backend backend = rota.backends[at];
            if (tier.load(backend, tried) < 0) {
                continue;
            }
            if (!settle) {
                return at;
            }
            long share = backend.share();
            rota.greatest = Math.max(rota.greatest, share);
            rota.credits[at] += share;
            if (rota.credits[at] >= rota.greatest) {
                rota.credits[at] = Math.min(rota.credits[at] - rota.greatest, rota.greatest);
                rota.next = at + 1 == count ? 0 : at + 1;
                return at;
            }
        }
    }

    /** 0 when nobody is eligible. */
    private static long greatestShare(Rota rota, Tier tier, Tried tried) {
        long greatest = 0;
        for (Backend backend : rota.backends) {
            if (tier.load(backend, tried) >= 0) {
                greatest = Math.max(greatest, backend.share());
            }
        }
        return greatest;
    }
}
