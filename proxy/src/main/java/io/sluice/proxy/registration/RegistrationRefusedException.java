package io.sluice.proxy.registration;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A registration that was not taken, and changed nothing. */
public final class RegistrationRefusedException extends RuntimeException {
    /** Why. */
    public enum Reason {
        /** The address is in none of the pool's networks. */
        OUTSIDE_NETWORKS,
        /** The id is registered at another address. */
        REGISTERED_ELSEWHERE,
        /** The address is registered under another id. */
        ADDRESS_TAKEN,
        /** As many as may be are. */
        LIMIT,
        /** The pool is just going. */
        POOL_GONE
    }

    private final Reason reason;
    private final transient @Nullable Duration retryAfter;

    RegistrationRefusedException(Reason reason, String message, @Nullable Duration retryAfter) {
        super(message, null, false, false);
        this.reason = reason;
        this.retryAfter = retryAfter;
    }

    public Reason reason() {
        return reason;
    }

    /** When it may work; absent when time alone will not help. */
    public @Nullable Duration retryAfter() {
        return retryAfter;
    }
}
