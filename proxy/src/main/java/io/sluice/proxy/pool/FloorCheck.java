package io.sluice.proxy.pool;

/** Whether a change leaves a pool enough backends, as far as what was observed by now says. */
final class FloorCheck {
    private final BackendPool pool;

    FloorCheck(BackendPool pool) {
        this.pool = pool;
    }

    /** Throws when it does not. */
    void check(PoolState before, PoolState after) {
        int eligibleBefore = eligible(before);
        int eligibleAfter = eligible(after);
        if (eligibleAfter < eligibleBefore && eligibleAfter < after.floor()) {
            throw new ChangeRefusedException(
                    Refusal.FLOOR_WOULD_BREAK,
                    eligibleAfter + " of " + after.backends().size() + " backends of pool " + after.pool()
                            + " would be eligible, now " + eligibleBefore + " (expected: >= " + after.floor()
                            + ", min-in-service)");
        }
    }

    /** Throws when backends go and fewer are left, well or not, than are to be in service: nobody decided that. */
    void checkCount(PoolState before, PoolState after) {
        int left = after.backends().size();
        if (left < before.backends().size() && left < after.floor()) {
            throw new ChangeRefusedException(
                    Refusal.FLOOR_WOULD_BREAK,
                    left + " backends of pool " + after.pool() + " would be left (expected: >= " + after.floor()
                            + ", min-in-service)");
        }
    }

    private int eligible(PoolState wished) {
        PoolSnapshot live = pool.snapshot();
        int count = 0;
        for (BackendState backend : wished.backends()) {
            boolean serves = live.backend(backend.id())
                    .filter(known -> known.incarnation() == backend.incarnation())
                    .map(known -> known.observed().wouldServe(wished.acceptedConfiguration()))
                    .orElse(!pool.settings().waitForFirstPass());
            count += serves && !backend.isHeld() ? 1 : 0;
        }
        return count;
    }
}
