package io.sluice.proxy.balance;

import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.Lease;
import io.sluice.proxy.pool.PoolChangeListener;
import io.sluice.proxy.pool.PoolSnapshot;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What all ways of choosing have in common: among whom. First those that are no backups and were not tried, then backups, then those that
 * were tried; and all of that once more whatever their health, when nobody is well. A pool that is below its panic threshold overlooks
 * health from the start.
 *
 * <p>What a balancer prepares for a set of members ({@code G}, once for the backups and once for the others) is kept until members or weights
 * change. It is prepared on the thread that changes the pool; meanwhile requests go by what was prepared before, unless that leaves nobody.
 *
 * @param <G> what is prepared for a group of backends
 */
abstract class TieredBalancer<G> implements LoadBalancer {
    private static final Tried NOBODY = new Tried();
    /** Preparing for fewer takes less than it takes to look. */
    private static final int PREPARED_AHEAD_FROM = 65;

    private record Members<G>(
            List<Backend> of,
            long revision,
            G primaries,
            @Nullable G backups) {
        /** Whether there is a newer set; a request may still look at an older one. */
        boolean isOutdatedBy(PoolSnapshot now) {
            return of != now.backends() && revision <= now.revision();
        }
    }

    private final ReentrantLock preparing = new ReentrantLock();
    private volatile @Nullable Members<G> members;
    private volatile boolean preparedAhead;

    private final PoolChangeListener follower = new PoolChangeListener() {
        @Override
        public void poolChanged(BackendPool changed, PoolSnapshot before, PoolSnapshot now) {
            follow(now);
        }
    };

    /** Prepares for a group whose members do not change; {@code before} is what was prepared for the group as it was. */
    abstract G prepare(List<Backend> group, @Nullable G before);

    /**
     * Chooses within one tier.
     *
     * @param into takes the request; null only to look who it would be
     * @return who was chosen, null when nobody in that tier may get a request
     */
    abstract @Nullable Backend choose(G group, Tier tier, Tried tried, long key, @Nullable Lease into);

    @Override
    public void serve(BackendPool pool) {
        follow(pool.snapshot());
        preparedAhead = true;
        pool.addListener(follower);
    }

    @Override
    public void leave(BackendPool pool) {
        pool.removeListener(follower);
    }

    @Override
    public final boolean acquire(PoolSnapshot now, Tried tried, long key, Lease into) {
        Members<G> known = members(now);
        if (anybody(known, now, tried, key, into) != null) {
            return true;
        }
        return known.isOutdatedBy(now) && anybody(follow(now), now, tried, key, into) != null;
    }

    @Override
    public final boolean acquireWell(PoolSnapshot now, Tried tried, long key, Lease into) {
        Members<G> known = members(now);
        boolean ignoringHealth = now.isBelowPanicThreshold();
        if (primaryOrBackup(known, ignoringHealth, tried, key, into) != null) {
            return true;
        }
        return known.isOutdatedBy(now) && primaryOrBackup(follow(now), ignoringHealth, tried, key, into) != null;
    }

    @Override
    public @Nullable Backend peek(PoolSnapshot now) {
        return anybody(follow(now), now, NOBODY, 0, null);
    }

    private Members<G> members(PoolSnapshot now) {
        Members<G> known = members;
        if (known == null) {
            return follow(now);
        }
        boolean waits = preparedAhead && now.backends().size() >= PREPARED_AHEAD_FROM;
        return waits || !known.isOutdatedBy(now) ? known : follow(now);
    }

    private Members<G> follow(PoolSnapshot now) {
        preparing.lock();
        try {
            Members<G> known = members;
            if (known != null && !known.isOutdatedBy(now)) {
                return known;
            }
            List<Backend> backups =
                    now.backends().stream().filter(Backend::isBackup).toList();
            List<Backend> primaries = backups.isEmpty()
                    ? now.backends()
                    : now.backends().stream()
                            .filter(backend -> !backups.contains(backend))
                            .toList();
            Members<G> next = new Members<>(
                    now.backends(),
                    now.revision(),
                    prepare(primaries, known == null ? null : known.primaries),
                    backups.isEmpty() ? null : prepare(backups, known == null ? null : known.backups));
            members = next;
            return next;
        } finally {
            preparing.unlock();
        }
    }

    private @Nullable Backend anybody(Members<G> known, PoolSnapshot now, Tried tried, long key, @Nullable Lease into) {
        boolean panics = now.isBelowPanicThreshold();
        Backend chosen = anybody(known, panics, tried, key, into);
        if (chosen != null || panics || !now.isPanicking()) {
            return chosen;
        }
        return anybody(known, true, tried, key, into);
    }

    private @Nullable Backend anybody(
            Members<G> known, boolean ignoringHealth, Tried tried, long key, @Nullable Lease into) {
        Backend chosen = primaryOrBackup(known, ignoringHealth, tried, key, into);
        if (chosen != null || tried.count() == 0) {
            return chosen;
        }
        return primaryOrBackup(known, ignoringHealth, NOBODY, key, into);
    }

    private @Nullable Backend primaryOrBackup(
            Members<G> known, boolean ignoringHealth, Tried tried, long key, @Nullable Lease into) {
        Tier tier = ignoringHealth ? Tier.PRIMARIES_WHATEVER_HEALTH : Tier.PRIMARIES;
        Backend chosen = choose(known.primaries, tier, tried, key, into);
        if (chosen != null || known.backups == null) {
            return chosen;
        }
        Tier backups = ignoringHealth ? Tier.BACKUPS_WHATEVER_HEALTH : Tier.BACKUPS;
        return choose(known.backups, backups, tried, key, into);
    }
}
