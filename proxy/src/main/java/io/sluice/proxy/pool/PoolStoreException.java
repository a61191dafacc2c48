package io.sluice.proxy.pool;

/** Records were not kept, or nobody knows whether they were. */
public final class PoolStoreException extends RuntimeException {
    private final boolean outcomeUnknown;

    public PoolStoreException(String message, boolean outcomeUnknown, Throwable cause) {
        super(message, cause);
        this.outcomeUnknown = outcomeUnknown;
    }

    /** Whether the records may turn up after a restart. */
    public boolean outcomeUnknown() {
        return outcomeUnknown;
    }
}
