package io.sluice.proxy.balance;

import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.Lease;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The same key to the same backend for as long as it may get requests, and a key moves only if it has to: to the next on the ring when its
 * backend is held, unwell, full or tried, and for good only to a backend that joins or from one that leaves. Slow start has no effect here:
 * who a key belongs to must not depend on the time. A request without a key goes anywhere.
 */
public final class ConsistentHash extends TieredBalancer<HashRing> {
    /** Steps along the ring before making sure that there is anybody to be found. */
    private static final int UNSURE_AFTER = 64;

    @Override
    public String name() {
        return "consistent-hash";
    }

    @Override
    HashRing prepare(List<Backend> group, @Nullable HashRing before) {
        return HashRing.of(group);
    }

    @Override
    @Nullable
    Backend choose(HashRing ring, Tier tier, Tried tried, long key, @Nullable Lease into) {
        if (into == null) {
            return null;
        }
        int first = ring.position(key == 0 ? ThreadLocalRandom.current().nextLong() : HashKey.mix(key));
        for (int step = 0; step < ring.size(); step++) {
            if (step == UNSURE_AFTER && !ring.hasAny(tier, tried)) {
                return null;
            }
            Backend backend = ring.owner(first, step);
            if (tier.load(backend, tried) >= 0 && backend.tryAcquire(tier.ignoresHealth(), into)) {
                return backend;
            }
        }
        return null;
    }
}
