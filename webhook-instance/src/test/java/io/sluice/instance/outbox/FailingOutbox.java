package io.sluice.instance.outbox;

import java.time.Clock;

/** An outbox whose log fails every append for this reason, while it looks writable. */
public final class FailingOutbox {
    private FailingOutbox() {}

    public static Outbox failing(OutboxException.Reason reason) {
        MemoryLog log = new MemoryLog();
        log.refuse = reason;
        return Events.open(log, Clock.systemUTC());
    }
}
