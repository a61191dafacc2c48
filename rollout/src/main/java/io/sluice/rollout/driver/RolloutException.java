package io.sluice.rollout.driver;

import org.jspecify.annotations.Nullable;

/** Why the engine refused a call. */
public final class RolloutException extends RuntimeException {
    /** The kind of refusal, with the status that fits it over HTTP. */
    public enum Kind {
        /** Another rollout of the pool is not over; {@link #rolloutId()} names it. 409 */
        POOL_BUSY,
        /** The rollout is over. 409 */
        TERMINAL,
        /** The verb does not fit the phase, such as resuming what is not paused. 409 */
        NOT_APPLICABLE,
        /** The key was used for another request. 422 */
        KEY_REUSED,
        /** 404 */
        NOT_FOUND,
        /** The engine is not started, cannot write its journal, or a newer one reigns. 503 */
        UNAVAILABLE
    }

    private final Kind kind;
    private final @Nullable String rolloutId;

    public RolloutException(Kind kind, String message, @Nullable String rolloutId) {
        this(kind, message, rolloutId, null);
    }

    public RolloutException(Kind kind, String message, @Nullable String rolloutId, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.rolloutId = rolloutId;
    }

    public Kind kind() {
        return kind;
    }

    public @Nullable String rolloutId() {
        return rolloutId;
    }
}
