package io.sluice.instance.outbox;

import java.time.Clock;

/** An outbox whose disk is slow: what it is given is on disk, or fails, when the test says so. */
public final class PausedOutbox {
    private final MemoryLog log = new MemoryLog();
    private final Outbox outbox = Events.open(log, Clock.systemUTC());

    public Outbox outbox() {
        return outbox;
    }

    /** Everything handed in so far gets to the disk. */
    public void force() {
        log.forceAll();
    }

    /** Everything handed in so far fails. */
    public void fail(OutboxException.Reason reason) {
        log.failWaiting(reason);
    }
}
