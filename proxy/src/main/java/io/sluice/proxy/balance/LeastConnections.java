package io.sluice.proxy.balance;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.Lease;
import io.sluice.proxy.pool.PoolSnapshot;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Fewest requests in flight per weight; ties go round by smooth weighted round robin (each tied backend gains its weight, the richest is
 * chosen and pays what all gained; the scheme nginx made known).
 *
 * <p>Choosing is one short critical section for all event loops: two loops that looked at the same time would both take the idlest
 * backend. Requests finish outside of it, so counts can only fall while it looks; reading them twice until nothing moved gives the counts
 * of one instant, and the choice is exact. Above {@value #EXACT_UP_TO} backends they are read once, and the choice may be behind by what
 * finished meanwhile. The section takes some ten nanoseconds per backend and allocates nothing.
 */
public final class LeastConnections implements LoadBalancer {
    static final int EXACT_UP_TO = 64;

    private static final Tried NOBODY = new Tried();

    @GuardedBy("this")
    private List<Backend> known = List.of();

    /** Smooth round robin's running credit, by position in {@code known}. */
    @GuardedBy("this")
    private long[] credits = new long[0];

    /** In-flight by position, -1 for those that do not take part. */
    @GuardedBy("this")
    private long[] loads = new long[0];

    @Override
    public synchronized @Nullable Lease acquire(PoolSnapshot now, Tried tried) {
        follow(now.backends());
        while (true) {
            boolean ignoringHealth = collectForAttempt(now, tried);
            int chosen = choose(true);
            if (chosen < 0) {
                return null;
            }
            Lease lease = known.get(chosen).tryLease(ignoringHealth);
            if (lease != null) {
                return lease;
            }
            // It stopped being eligible since it was counted: look again. Each turn needs such a change, so this ends.
        }
    }

    @Override
    public synchronized @Nullable Backend peek(PoolSnapshot now) {
        follow(now.backends());
        collectForAttempt(now, NOBODY);
        int chosen = choose(false);
        return chosen < 0 ? null : known.get(chosen);
    }

    /** Keeps the credits of those that stay. */
    @GuardedBy("this")
    private void follow(List<Backend> backends) {
        if (backends == known) {
            return;
        }
        long[] carried = new long[backends.size()];
        for (int i = 0; i < carried.length; i++) {
            int before = known.indexOf(backends.get(i));
            carried[i] = before < 0 ? 0 : credits[before];
        }
        known = backends;
        credits = carried;
        loads = new long[carried.length];
    }

    /** Fills {@code loads} with the widest set of candidates that is not empty; returns whether health had to be ignored for it. */
    @GuardedBy("this")
    private boolean collectForAttempt(PoolSnapshot now, Tried tried) {
        if (collect(tried, false) || (tried.count() > 0 && collect(NOBODY, false))) {
            return false;
        }
        if (!now.ignoresHealthWhenNoneLeft()) {
            return false;
        }
        if (!collect(tried, true) && tried.count() > 0) {
            collect(NOBODY, true);
        }
        return true;
    }

    @GuardedBy("this")
    private boolean collect(Tried tried, boolean ignoringHealth) {
        boolean any = read(tried, ignoringHealth);
        boolean again = any && loads.length <= EXACT_UP_TO;
        while (again) {
            any = read(tried, ignoringHealth);
            again = moved;
        }
        return any;
    }

    /** Whether the last read saw other loads than the one before. */
    @GuardedBy("this")
    private boolean moved;

    @GuardedBy("this")
    private boolean read(Tried tried, boolean ignoringHealth) {
        boolean any = false;
        moved = false;
        for (int i = 0; i < loads.length; i++) {
            Backend backend = known.get(i);
            long load = tried.contains(backend) ? -1 : backend.loadIfEligible(ignoringHealth);
            moved |= load != loads[i];
            loads[i] = load;
            any |= load >= 0;
        }
        return any;
    }

    @GuardedBy("this")
    private int choose(boolean settle) {
        int least = -1;
        for (int i = 0; i < loads.length; i++) {
            if (loads[i] >= 0 && (least < 0 || compare(i, least) < 0)) {
                least = i;
            }
        }
        return least < 0 ? -1 : richest(least, settle);
    }

    /** Among those as loaded as {@code least}: whose turn it is. */
    @GuardedBy("this")
    private int richest(int least, boolean settle) {
        int richest = -1;
        long richestCredit = 0;
        long gained = 0;
        for (int i = 0; i < loads.length; i++) {
            if (loads[i] < 0 || compare(i, least) != 0) {
                continue;
            }
            int weight = known.get(i).weight();
            long credit = credits[i] + weight;
            gained += weight;
            if (settle) {
                credits[i] = credit;
            }
            if (richest < 0 || credit > richestCredit) {
                richest = i;
                richestCredit = credit;
            }
        }
        if (settle) {
            credits[richest] -= gained;
        }
        return richest;
    }

    @GuardedBy("this")
    private int compare(int a, int b) {
        return Long.compare(
                loads[a] * known.get(b).weight(), loads[b] * known.get(a).weight());
    }
}
